import type { Moment, Operation } from "../cell";
import type { CliRun, Ended } from "../cli-run";
import type { Program } from "../programs/program";
import type { Site } from "../site";

/** What a fault can reach. */
export interface Scene {
  readonly ground: Pick<Site, "host" | "proxy">;
  readonly run: CliRun;
  /** The machine that a person may end or start. */
  readonly machine: string;
  /** Somebody else's stack with the same program under other names, if there is one. */
  readonly other?: { up(): Promise<Ended>; destroy(): Promise<Ended> };
}

/** One kind of thing that breaks. */
export interface Fault {
  readonly name: string;
  /** What happens, for the table: a sentence without a subject. */
  readonly title: string;
  readonly moments: readonly Moment[];
  /** What becomes of a script that had not yet started. */
  readonly held: "run" | "drop";
  /** Whether the CLI or its provider ends by it, and can say nothing about it. */
  readonly silences?: boolean;
  /** Whether the CLI was killed and leaves its lock on the stack. */
  readonly leavesLock?: boolean;
  excluded?(program: Program, operation: Operation): string | undefined;
  inject(scene: Scene): Promise<void>;
  /** Called when the run has ended, or was given up. @default nothing is left to do */
  heal?(scene: Scene): Promise<void>;
}

/** Where a fault of a host makes no difference: the script had ended. */
export const beforeOrDuring: readonly Moment[] = ["before", "during"];

/** The root shell of the host that a fault of its own makes, and undoes. */
export function onHost(
  about: Pick<Fault, "name" | "title" | "excluded">,
  script: (scene: Scene) => string,
  undo: string | undefined,
): Fault {
  return {
    ...about,
    moments: beforeOrDuring,
    held: "run",
    inject: async (scene) => {
      await scene.ground.host.sh(script(scene));
    },
    ...(undo !== undefined && {
      heal: async ({ ground }) => {
        await ground.host.sh(undo);
      },
    }),
  };
}
