import type { OutputParser } from "../script/output-parser";
import type { Invocation } from "./command";
import type { Deadlines, Exit } from "./exit";

/** Runs commands: on this machine, or over a connection to a host. */
export interface Executor {
  /** Runs a command within its deadlines; whatever happens, the promise is settled. */
  exec(invocation: Invocation, deadlines: Deadlines, output: OutputParser): Promise<Exit>;
}

/** Shows what an operation waits for. */
export type OnWaiting = (text: string) => void;

/** A host, or this machine, as operations see it. */
export interface Endpoint {
  /** Its name in messages. */
  readonly name: string;
  readonly user: string;
  readonly isRoot: boolean;
  /**
   * Gives the task an executor once it is its turn and fewer than `limit` others run there. While the host does not
   * answer, `onWaiting` is called every few seconds with what is happening.
   */
  run<T>(limit: number, task: (executor: Executor) => Promise<T>, onWaiting?: OnWaiting): Promise<T>;
}
