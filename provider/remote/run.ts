import { randomBytes } from "node:crypto";
import { type Connection, describeHost } from "./connection/connection";
import { type Credentials, effectiveCredentials, redact } from "./connection/credentials";
import { DialFailure } from "./errors/dial-failure";
import { ConnectionLostError } from "./errors/host-error";
import { invocation } from "./execution/command";
import type { Context } from "./execution/context";
import type { Endpoint, Executor } from "./execution/executor";
import { GRACE_SECONDS } from "./execution/exit";
import { LinkLost } from "./execution/link";
import { notStarted } from "./execution/not-started";
import { answersOf } from "./execution/outcome";
import { type PrivilegeOrRefusal, sudoPrivilege } from "./execution/privilege";
import { localEndpoint } from "./local";
import type { Answer } from "./script/answers";
import { OutputParser } from "./script/output-parser";
import type { Script } from "./script/script";
import { wrapScript } from "./script/wrapper";
import { newSshEndpoint, sshEndpoint } from "./ssh/endpoint";

/** A host and how to reach it. */
export interface Target {
  readonly connection: Connection;
  readonly credentials?: Credentials;
  /** How many operations may run on this host at once. @default 6 */
  readonly parallel?: number;
}

/** The same text for targets that are one host, reached in the same way. */
export function targetKey({ connection, credentials }: Target): string {
  return JSON.stringify([connection, credentials ?? null]);
}

export interface RunOptions {
  /** What the operation is, as a verb phrase, for errors: `start the machine "web"`. */
  readonly attempt: string;
  /**
   * Seconds after which the operation is given up, also on the host; time in the queue and for dialling does not count.
   */
  readonly timeoutSeconds: number;
  /**
   * Seconds without output after which the script is given up here; the host ends it at its deadline.
   * @default any silence is tolerated
   */
  readonly silenceSeconds?: number;
  /** Called with each answer as it arrives, for progress. */
  readonly onAnswer?: (answer: Answer) => void;
  /** Called every few seconds while the host does not answer or is being connected to, with what is happening. */
  readonly onWaiting?: (text: string) => void;
  /**
   * Whether to run it once more if the connection is lost meanwhile; the script must be idempotent.
   * @default false
   */
  readonly retry?: boolean;
  /**
   * Whether to log in again, with one try, instead of using the open connection: an answer then proves that the host
   * can be reached now. It proves nothing about `"local"`.
   * @default false
   */
  readonly newConnection?: boolean;
}

// Below sshd's MaxSessions, 10, with room for the user's own sessions.
const DEFAULT_PARALLEL = 6;

/**
 * Runs one script on the host, as root, and returns what it answered. The script runs under `set -eu`.
 *
 * @throws UnreachableError if the host could not be reached; HostKeyError and AuthenticationError if the login failed;
 * RefusedError if the script refused; DeadlineError if it took too long; CommandError if it failed.
 */
export async function run(target: Target, script: Script, options: RunOptions): Promise<Answer[]> {
  const credentials = effectiveCredentials(target.credentials);
  const operation = new Operation(target, credentials, script, options);
  try {
    return await operation.run();
  } catch (error) {
    if (!(error instanceof LinkLost) || !options.retry) throw operation.translate(error);
  }
  try {
    return await operation.run();
  } catch (error) {
    throw operation.translate(error);
  }
}

class Operation {
  private endpoint: Endpoint | undefined;

  constructor(
    private readonly target: Target,
    private readonly credentials: Credentials,
    private readonly script: Script,
    private readonly options: RunOptions,
  ) {}

  async run(): Promise<Answer[]> {
    const { connection, parallel = DEFAULT_PARALLEL } = this.target;
    const ssh = this.options.newConnection ? newSshEndpoint : sshEndpoint;
    const endpoint = connection.host === "local" ? localEndpoint() : await ssh(connection, this.credentials);
    this.endpoint = endpoint;
    return endpoint.run(parallel, (executor) => this.runOn(executor, endpoint), this.options.onWaiting);
  }

  private async runOn(executor: Executor, endpoint: Endpoint): Promise<Answer[]> {
    const { timeoutSeconds, silenceSeconds, onAnswer } = this.options;
    const context = this.context(endpoint);
    const { privilege, refusal } = await this.privilege(executor, endpoint);
    if (refusal) throw notStarted(refusal.exit, refusal.output, context);
    const mark = randomBytes(16).toString("hex");
    const output = new OutputParser(mark, onAnswer);
    const call = invocation(privilege, wrapScript(this.script, mark), timeoutSeconds);
    const deadlines = {
      total: (timeoutSeconds + GRACE_SECONDS) * 1000,
      silence: silenceSeconds === undefined ? undefined : silenceSeconds * 1000,
    };
    const exit = await executor.exec(call, deadlines, output);
    if (output.listenerFailure) throw output.listenerFailure.error;
    return answersOf(exit, output, context);
  }

  private async privilege(executor: Executor, endpoint: Endpoint): Promise<PrivilegeOrRefusal> {
    if (endpoint.isRoot || this.target.connection.become === false) return { privilege: { kind: "login" } };
    return sudoPrivilege(executor, this.credentials.becomePassword);
  }

  private context(endpoint: Endpoint): Context {
    return {
      attempted: this.options.attempt,
      host: endpoint.name,
      user: endpoint.user,
      timeoutSeconds: this.options.timeoutSeconds,
      silenceSeconds: this.options.silenceSeconds,
      redact: (text) => redact(text, this.credentials),
    };
  }

  /** The error that the caller sees. */
  translate(error: unknown): unknown {
    const { attempt: attempted } = this.options;
    const host = this.endpoint?.name ?? describeHost(this.target.connection);
    if (error instanceof DialFailure) return error.toError(attempted, host);
    if (error instanceof LinkLost) {
      const happened = `the connection was lost while it ran (${error.message})`;
      return new ConnectionLostError({
        attempted,
        host,
        happened,
        advice: "Run it again: what is already done is found and kept.",
      });
    }
    return error;
  }
}
