import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import type { Connection } from "../../../provider/remote";
import { Directory } from "./directory";

export type KeyType = "ed25519" | "ecdsa" | "rsa";

export interface SshdOptions {
  /** The types of its host keys. @default ed25519 */
  readonly hostKeys?: readonly KeyType[];
  /** Further lines of sshd_config. */
  readonly config?: readonly string[];
  /** The authority that signs its host keys, and the names that it certifies. */
  readonly certified?: { readonly by: string; readonly principals: string; readonly options?: readonly string[] };
}

/**
 * Below the ports that the kernel uses for outgoing connections (ip_local_port_range), so that none takes the port of a
 * stopped sshd.
 */
const PORTS = { first: 10_000, count: 20_000 };

let nextPort = process.pid * 16;

/** A real sshd for one test, on its own port; root logs in with the key `id`. */
export class Sshd {
  readonly directory = new Directory();
  readonly privateKeyPath = makeKey(this.directory.join("id"));
  readonly knownHostsFile = this.directory.join("known_hosts");
  private readonly hostKeys: readonly KeyType[];
  private process: ChildProcess | undefined;
  private log = "";
  port = 0;

  private constructor(private readonly options: SshdOptions) {
    this.hostKeys = options.hostKeys ?? ["ed25519"];
    for (const type of this.hostKeys) this.makeHostKey(type);
    this.directory.write("authorized_keys", readFileSync(`${this.privateKeyPath}.pub`, "utf8"));
  }

  static async start(options: SshdOptions = {}): Promise<Sshd> {
    const sshd = new Sshd(options);
    await sshd.start();
    return sshd;
  }

  /** Starts it, on the port it had before if there was one. */
  async start(): Promise<void> {
    // sshd's own directory, which its Debian package leaves to systemd.
    mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    if (this.port !== 0) return this.listen();
    for (;;) {
      this.port = PORTS.first + (nextPort++ % PORTS.count);
      this.log = "";
      try {
        return await this.listen();
      } catch (error) {
        if (!this.log.includes("Address already in use")) throw error;
      }
    }
  }

  private async listen(): Promise<void> {
    const file = this.directory.write("sshd_config", `${this.config().join("\n")}\n`);
    const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", file], { stdio: ["ignore", "ignore", "pipe"] });
    this.process = child;
    await new Promise<void>((resolve, reject) => {
      child.stderr.on("data", (chunk: Buffer) => {
        this.log += chunk.toString();
        if (this.log.includes("Server listening on")) resolve();
      });
      child.on("error", reject);
      child.on("exit", () => reject(new Error(`sshd ended: ${this.log}`)));
    });
  }

  private config(): string[] {
    return [
      ...(this.options.config ?? []),
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      `AuthorizedKeysFile ${this.directory.join("authorized_keys")}`,
      ...this.hostKeys.map((type) => `HostKey ${this.hostKeyFile(type)}`),
      ...(this.options.certified
        ? this.hostKeys.map((type) => `HostCertificate ${this.hostKeyFile(type)}-cert.pub`)
        : []),
    ];
  }

  hostKeyFile(type: KeyType): string {
    return this.directory.join(`host_${type}`);
  }

  /** `TYPE BASE64` of one of its host keys. */
  hostKey(type: KeyType = this.hostKeys[0] ?? "ed25519"): string {
    return readFileSync(`${this.hostKeyFile(type)}.pub`, "utf8")
      .trim()
      .split(" ")
      .slice(0, 2)
      .join(" ");
  }

  /** Its name in known_hosts. */
  get knownName(): string {
    return `[127.0.0.1]:${this.port}`;
  }

  /** A connection that knows it by its first host key. */
  connection(changes: Partial<Connection> = {}): Connection {
    return {
      host: "127.0.0.1",
      port: this.port,
      user: "root",
      privateKeyPath: this.privateKeyPath,
      agent: false,
      sshConfigFile: "none",
      hostKey: [this.hostKey()],
      dial: { retries: 0, timeoutSeconds: 60 },
      ...changes,
    };
  }

  /** A connection that knows it only by this text of a known_hosts file. */
  knownBy(text: string, changes: Partial<Connection> = {}): Connection {
    this.directory.write("known_hosts", text);
    return this.connection({ hostKey: undefined, knownHostsFile: this.knownHostsFile, ...changes });
  }

  /** Replaces its host keys, as after an installation. */
  async reinstall(): Promise<void> {
    await this.stop();
    for (const type of this.hostKeys) this.makeHostKey(type);
    await this.start();
  }

  private makeHostKey(type: KeyType): void {
    const file = makeKey(this.hostKeyFile(type), type);
    const { certified } = this.options;
    if (!certified) return;
    const names = ["-h", "-n", certified.principals, ...(certified.options ?? [])];
    sshKeygen(["-q", "-s", certified.by, "-I", "test-host", ...names, `${file}.pub`]);
  }

  async stop(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  /** Stops it and removes what it wrote. */
  async remove(): Promise<void> {
    await this.stop();
    this.directory.remove();
  }
}

/** Makes a key pair without a passphrase, or with one, and returns its path. */
export function makeKey(file: string, type: KeyType = "ed25519", passphrase = "", ...options: string[]): string {
  execFileSync("rm", ["-f", file, `${file}.pub`, `${file}-cert.pub`]);
  sshKeygen(["-q", "-t", type, "-N", passphrase, "-C", file.split("/").pop() ?? "", "-f", file, ...options]);
  return file;
}

export function sshKeygen(args: readonly string[]): string {
  return execFileSync("ssh-keygen", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
