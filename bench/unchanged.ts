import { connectionTo } from "../test/e2e/support/hosts";
import type { Bench } from "./support/bench";
import { compared, type Figure, median } from "./support/figures";
import { onHost } from "./support/hosts";
import { Program } from "./support/program";
import { providerMemory } from "./support/provider-memory";
import { rounds } from "./support/rounds";

/** A machine, its root and its mount, 333 times, with a host and a network: 1,001 resources. */
const GROUPS = 333;
const WHAT = "1,001 resources";

export const unchanged: Bench = {
  name: "unchanged",
  about:
    "preview and up of a large stack in which nothing has changed; the host is off, so that nothing could be asked of it",
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
      const memory: Record<"ours" | "baseline", number[]> = { ours: [], baseline: [] };
      const up = (program: Program, side: keyof typeof memory) => async () => {
        let time = Number.NaN;
        memory[side].push(
          await providerMemory(program.project.directory, async () => {
            time = await program.up("--expect-no-changes");
          }),
        );
        return time;
      };
      const update = await rounds(count, up(ours, "ours"), up(nothing, "baseline"));
      return [
        compared(`preview, ${WHAT}`, preview, "resources that do nothing", 1.15),
        compared(`up, ${WHAT}, nothing to do`, update, "resources that do nothing", 1.15),
        memoryOf(memory.ours, memory.baseline),
      ];
    } finally {
      for (const program of [nothing, ours]) await program.dispose();
    }
  },
};

function memoryOf(ours: readonly number[], baseline: readonly number[]): Figure {
  const text = (values: readonly number[]) => `${Math.round(median(values))} MiB`;
  return {
    what: `memory of the provider process, ${WHAT} (MiB)`,
    ours: text(ours),
    baseline: `resources that do nothing: ${text(baseline)}`,
    measure: median(ours),
    limit: 150,
  };
}
