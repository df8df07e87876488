import type { Output } from "../script/output";
import type { Invocation } from "./command";
import type { Exit } from "./exit";

/** Where a command can be run: this machine, or a connection to a host. */
export interface Executor {
  /** Runs a command and gives up after so many milliseconds; whatever happens, the promise is settled. */
  exec(invocation: Invocation, milliseconds: number, output: Output): Promise<Exit>;
}

/** A host, or this machine, as operations see it. */
export interface Place {
  /** How it is called in messages. */
  readonly name: string;
  readonly user: string;
  readonly isRoot: boolean;
  /** Gives the task an executor when its turn has come and fewer than `limit` others run there. */
  run<T>(limit: number, task: (executor: Executor) => Promise<T>): Promise<T>;
}
