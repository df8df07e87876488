import type * as pulumi from "@pulumi/pulumi";
import type { ProvisionCommand, ProvisionStep } from "../../provider/resources/provision";
import type { DevBoxHook, DevBoxHooks } from "./args";

const HOOKS = ["onCreate", "updateContent", "postCreate", "postStart"] as const;

/** Hooks as steps, in their order; the one for each start is last. */
export function hookSteps(
  hooks: pulumi.Unwrap<DevBoxHooks>,
  common: Pick<ProvisionStep, "as" | "cwd" | "environment">,
  secrets: readonly string[],
): ProvisionStep[] {
  return HOOKS.flatMap((name) => {
    const hook: DevBoxHook | undefined = hooks[name];
    if (hook === undefined) return [];
    const start = name === "postStart";
    return [
      { ...common, name, run: runOf(hook), when: start ? "start" : "changed", secrets: start ? [] : [...secrets] },
    ];
  });
}

function runOf(hook: DevBoxHook): ProvisionCommand | Record<string, ProvisionCommand> {
  if (typeof hook === "string" || isList(hook)) return commandOf(hook);
  return Object.fromEntries(Object.entries(hook).map(([name, command]) => [name, commandOf(command)]));
}

/** A step stops at the first command that fails; `sh -c` does not. */
function commandOf(command: ProvisionCommand): ProvisionCommand {
  return typeof command === "string" ? `set +e\n${command}` : command;
}

function isList(hook: DevBoxHook): hook is readonly string[] {
  return Array.isArray(hook);
}
