import { beforeOrDuring, type Fault, onHost } from "./fault";

export const person = onHost(
  {
    name: "machinectl",
    title: "a person ends the machine with `machinectl`, or starts it if it does not run",
    excluded: ({ machine }) => (machine ? undefined : "it has no machine"),
  },
  ({ machine }) => `if machinectl show ${machine} >/dev/null 2>&1; then machinectl terminate ${machine}
    elif [ -d /var/lib/machines/${machine} ]; then timeout 20 machinectl start ${machine}; fi || :`,
  undefined,
);

export const twoStacks: Fault = {
  name: "two-stacks",
  title: "somebody else's stack brings up the same program under other names, and destroys it",
  moments: beforeOrDuring,
  held: "run",
  inject: async ({ other }) => {
    const made = await other?.up();
    if (made?.ok !== true) throw new Error(`the other stack's \`up\` failed:\n${made?.text}`);
  },
  heal: async ({ other }) => {
    const gone = await other?.destroy();
    if (gone?.ok !== true) throw new Error(`the other stack's \`destroy\` failed:\n${gone?.text}`);
  },
};
