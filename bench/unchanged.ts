import { connectionTo } from "../test/support/connection";
import type { Bench } from "./support/bench";
import { compared, type Figure, median, type Pair } from "./support/figures";
import { onHost } from "./support/hosts";
import { Program } from "./support/program";
import { withProviderMemory } from "./support/provider-memory";
import { rounds } from "./support/rounds";

/** A machine, its root and its mount, 333 times, with a host and a network: 1,001 resources. */
const GROUPS = 333;
const WHAT = "1,001 resources";

export const unchanged: Bench = {
  name: "unchanged",
  about:
    "preview and up of a large stack in which nothing has changed; the host is off, so that nothing can be asked of it",
  run: async ({ rounds: count, log }) => {
    const nothing = await Program.open("nothing", { count: 1, whole: true });
    const ours = await Program.open("machines", { count: 1, whole: true });
    try {
      await onHost(log, async (host) => {
        await ours.configure({ connection: JSON.stringify(connectionTo(host)) });
        await ours.up();
      });
      await nothing.up();
      for (const program of [nothing, ours]) await program.multiply(GROUPS);
      const preview = await rounds(
        count,
        () => ours.preview(),
        () => nothing.preview(),
      );
      log("previews are done");
      const update = await rounds(
        count,
        () => upWatched(ours),
        () => upWatched(nothing),
      );
      const times = update.map((pair) => ({ ours: pair.ours.result, baseline: pair.baseline.result }));
      return [
        compared(`preview, ${WHAT}`, preview, "resources that do nothing", 1.15),
        compared(`up, ${WHAT}, nothing to do`, times, "resources that do nothing", 1.15),
        memoryOf(update.map((pair) => ({ ours: pair.ours.memory, baseline: pair.baseline.memory }))),
      ];
    } finally {
      for (const program of [nothing, ours]) await program.dispose();
    }
  },
};

function upWatched(program: Program) {
  return withProviderMemory(program.project.directory, () => program.up("--expect-no-changes"));
}

function memoryOf(pairs: readonly Pair<number>[]): Figure {
  const most = (side: keyof Pair<number>) => median(pairs.map((pair) => pair[side]));
  return {
    what: `memory of the provider process, ${WHAT} (MiB)`,
    ours: `${Math.round(most("ours"))} MiB`,
    baseline: `resources that do nothing: ${Math.round(most("baseline"))} MiB`,
    measure: most("ours"),
    limit: 150,
  };
}
