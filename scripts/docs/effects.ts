import { EFFECTS, type Effect, effectOf, type ResourceDefinition } from "../../provider/dynamic";

/** What each effect means to a reader. The preview shows its name. */
export const MEANINGS: Readonly<Record<Effect, string>> = {
  state: "It is recorded. No connection is opened for it alone.",
  live: "It is applied while the machine runs.",
  reinstall: "Packages are added or removed in place, inside the root.",
  restart: "The machine stops and starts once, whatever the number of such changes.",
  replace: "A new object replaces the old one.",
};

interface Case {
  readonly when: string;
  readonly before: unknown;
  readonly after: unknown;
}

const link = { network: "dev", ports: [] };

/** Inputs whose effect depends on what changes inside them: a change of each kind, the usual one first. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  host: [
    { when: "", before: { connection: { host: "a" } }, after: { connection: { host: "b" } } },
    { when: "for another `instance`", before: { instance: "a" }, after: { instance: "b" } },
  ],
  arch: [
    { when: "", before: "amd64", after: "arm64" },
    { when: "from or to none", before: undefined, after: "amd64" },
  ],
  create: [
    { when: "", before: { mode: "0755" }, after: { mode: "0700" } },
    { when: "for `removeData`", before: { removeData: false }, after: { removeData: true } },
  ],
  networks: [
    { when: "", before: [{ veth: link }], after: [] },
    { when: "for `ports` alone", before: [{ veth: link }], after: [{ veth: { ...link, ports: ["80:80"] } }] },
  ],
  mounts: [
    { when: "", before: [], after: [{ tmpfs: "/scratch" }] },
    { when: "for `exposeHost` alone", before: [{ exposeHost: false }], after: [{ exposeHost: true }] },
  ],
};

/** Changes that distinguish an effect that depends on the values from one that does not. */
const PROBES: readonly (readonly [unknown, unknown])[] = [
  [undefined, undefined],
  [undefined, {}],
  ["a", "b"],
  [["a"], ["b"]],
  ...Object.values(CASES).flatMap((cases) => cases.map(({ before, after }) => [before, after] as const)),
];

/**
 * The effect of each input, in words, by its name.
 *
 * @throws Error for an input whose effect depends on its values and for which no case is listed here.
 */
export function effectsOf({
  kind,
  inputs,
}: Pick<ResourceDefinition<object, object>, "kind" | "inputs">): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(inputs.shape).map(([name, schema]) => {
      const effect = (before: unknown, after: unknown) => effectOf(name, schema, before, after);
      const possible = EFFECTS.filter((one) => PROBES.some(([before, after]) => effect(before, after) === one));
      if (possible.length === 1) return [name, possible.join("")];
      const cases = CASES[name];
      if (cases === undefined)
        throw new Error(`the effect of "${name}" of ${kind} depends on its values: describe how, in CASES`);
      return [name, cases.map(({ when, before, after }) => `${effect(before, after)} ${when}`.trim()).join("; ")];
    }),
  );
}
