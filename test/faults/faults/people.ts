import { beforeOrDuring, type Fault, onHost } from "./fault";

export const person = onHost(
  {
    name: "machinectl",
    title: "a person ends the machine with `machinectl`, or starts it if it does not run",
    excluded: ({ machine }) => (machine ? undefined : "it has no machine"),
  },
  () => `if machinectl show box >/dev/null 2>&1; then machinectl terminate box
    elif [ -d /var/lib/machines/box ]; then timeout 20 machinectl start box; fi || :`,
  undefined,
);

export const twoStacks: Fault = {
  name: "two-stacks",
  title: "somebody else's stack brings up the same program under other names, and destroys it",
  moments: beforeOrDuring,
  held: "run",
  inject: async ({ ground, program }) => {
    const made = await ground.other.up(program, "first");
    if (!made.ok) throw new Error(`the other stack's \`up\` failed:\n${made.text}`);
  },
  heal: async ({ ground, program }) => {
    const gone = await ground.other.destroy(program, "first");
    if (!gone.ok) throw new Error(`the other stack's \`destroy\` failed:\n${gone.text}`);
  },
};
