import type { Output } from "../script/output";
import type { Invocation } from "./command";
import type { Exit, Patience } from "./exit";

/** Runs commands: on this machine, or over a connection to a host. */
export interface Executor {
  /** Runs a command as long as the patience lasts; whatever happens, the promise is settled. */
  exec(invocation: Invocation, patience: Patience, output: Output): Promise<Exit>;
}

/** A host, or this machine, as operations see it. */
export interface Place {
  /** Its name in messages. */
  readonly name: string;
  readonly user: string;
  readonly isRoot: boolean;
  /** Gives the task an executor once it is its turn and fewer than `limit` others run there. */
  run<T>(limit: number, task: (executor: Executor) => Promise<T>): Promise<T>;
}
