import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { DialFailure } from "../errors/dial-failure";
import { detailOf } from "../errors/unknown-error";
import { signalGroup } from "../execution/child";
import { setRef } from "../execution/references";
import { Tail } from "../script/output-parser";
import { plainArgument } from "../ssh-config/write";
import { newControlPath } from "./control-path";
import { sshFailure, sshMissing } from "./failures";

/** What the host prints once ssh is logged in. */
const READY = "pulumi-nspawn is connected";

/** What ssh_config may say for a person's sessions, and that would be in the way here. */
const PLAIN = {
  BatchMode: "yes",
  ClearAllForwardings: "yes",
  ConnectionAttempts: "1",
  ControlMaster: "yes",
  ControlPersist: "no",
  ForkAfterAuthentication: "no",
  ForwardAgent: "no",
  ForwardX11: "no",
  LogLevel: "INFO",
  PermitLocalCommand: "no",
  RemoteCommand: "none",
  RequestTTY: "no",
  SessionType: "default",
  StdinNull: "no",
};

/** Where ssh connects to, and how patient it is. */
export interface MasterOptions {
  readonly arguments: readonly string[];
  readonly host: string;
  readonly dialSeconds: number;
  readonly keepAlive: { readonly seconds: number; readonly count: number };
}

/**
 * An ssh that is logged in and lets others share its connection (ssh_config(5), ControlMaster). Its session on the host
 * waits for the end of its input, so that it ends together with this process, however that ends.
 */
export class Master {
  private readonly stderr = new Tail();
  private ended = false;
  private readonly listeners = new Set<(why: string) => void>();

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    /** The socket by which others share the connection. */
    readonly controlPath: string,
  ) {
    child.stderr.on("data", (chunk: Buffer) => this.stderr.add(chunk.toString()));
    // EPIPE: it has ended, which is reported below.
    child.stdin.on("error", () => {});
    child.once("close", () => this.finish());
  }

  /**
   * Logs in.
   *
   * @throws DialFailure
   */
  static async start(options: MasterOptions): Promise<Master> {
    const controlPath = newControlPath();
    const child = spawn("ssh", masterArguments(options, controlPath), { stdio: "pipe", detached: true });
    const master = new Master(child, controlPath);
    try {
      await master.ready(options.dialSeconds);
      return master;
    } catch (error) {
      master.end();
      throw error;
    }
  }

  /** Why it has ended, in ssh's words. */
  get lastWords(): string {
    return `${this.stderr}`.trim().split("\n").at(-1) || "ssh ended";
  }

  /** Calls back with the reason when it ends. */
  whenEnded(listener: (why: string) => void): void {
    this.listeners.add(listener);
  }

  /** Whether it keeps this process running. */
  setBusy(busy: boolean): void {
    for (const part of [this.child, this.child.stdin, this.child.stdout, this.child.stderr]) setRef(part, busy);
  }

  end(): void {
    this.child.stdin.destroy();
    signalGroup(this.child.pid, "SIGTERM");
    if (this.child.pid === undefined) this.finish();
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    for (const listener of this.listeners) listener(this.lastWords);
  }

  private ready(seconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let printed = "";
      const late = new DialFailure(
        "unreachable",
        {
          happened: `ssh was not logged in within ${seconds} s`,
          advice: "Check that it is up, that the address is right, and that no firewall is in between.",
        },
        true,
      );
      const timer = setTimeout(() => reject(late), seconds * 1000);
      this.child.stdout.on("data", (chunk: Buffer) => {
        // A login shell may print something of its own first.
        printed = (printed + chunk.toString()).slice(-4096);
        if (!printed.includes(READY)) return;
        clearTimeout(timer);
        resolve();
      });
      this.child.once("error", (error) => {
        clearTimeout(timer);
        reject(detailOf(error, "code") === "ENOENT" ? sshMissing() : error);
      });
      this.child.once("close", () => {
        clearTimeout(timer);
        reject(sshFailure(`${this.stderr}`));
      });
    });
  }
}

function masterArguments(
  { arguments: own, host, dialSeconds, keepAlive }: MasterOptions,
  controlPath: string,
): string[] {
  const settings = {
    ...PLAIN,
    ControlPath: plainArgument(controlPath).text,
    ConnectTimeout: String(Math.ceil(dialSeconds)),
    ServerAliveInterval: String(Math.ceil(keepAlive.seconds)),
    ServerAliveCountMax: String(keepAlive.count),
  };
  const options = Object.entries(settings).flatMap(([keyword, value]) => ["-o", `${keyword}=${value}`]);
  // `cat` ends with its input, and so does the session.
  return [...own, ...options, "--", host, `echo '${READY}'; exec cat >/dev/null`];
}

/** Arguments of an ssh that shares a master's connection, and that never makes one of its own. */
export function sharingArguments(controlPath: string, command: string): string[] {
  const settings = [
    "ControlMaster=no",
    `ControlPath=${plainArgument(controlPath).text}`,
    "ProxyCommand=false",
    "LogLevel=ERROR",
  ];
  return ["-F", "none", "-T", ...settings.flatMap((setting) => ["-o", setting]), "--", "shared", command];
}
