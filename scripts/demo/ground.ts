import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TestHost, up } from "../../test/support/hosts";
import { BuiltBases } from "../../test/support/hosts/built-bases";
import { putSshInto } from "../../test/support/ssh/wrapper";
import { cacheDirectory } from "../tools/cache";
import { Server } from "./server";
import { say, show, step } from "./steps";

/** Where the demo runs: the user's server, or a host created just for the demo. */
export interface Ground {
  /** The host, as a user writes it for Pulumi. */
  readonly name: string;
  /** The home directory of whoever runs the CLI. */
  readonly home: string;
  /** A directory with an ssh that knows the host, if the user's own does not. */
  readonly programs?: string;
  readonly server: Server;
  readonly disposable?: TestHost;
}

export function serverOfTheUser(name: string): Ground {
  return { name, home: homedir(), server: new Server(name) };
}

export async function disposableHost(work: string, keep: boolean, fresh: boolean): Promise<Ground> {
  const disposable = await step("A disposable Debian host on this machine", async () => {
    const host = await up({ name: "demo", suite: "trixie", filesystem: "btrfs", keep, log: say });
    show(`${host.name}: Debian ${host.suite}, ${host.address}`);
    return host;
  });
  if (!fresh) await step("What earlier demos built, copied to its cache of bases", () => bring(disposable));
  const file = await writeAlias(work, disposable);
  const programs = join(work, "bin");
  await putSshInto(programs, file);
  return { name: "demo", home: work, programs, server: new Server("demo", file), disposable };
}

const bases = new BuiltBases(cacheDirectory("demo"));

async function bring(host: TestHost): Promise<void> {
  const count = await bases.bring(host);
  if (count > 0) show(`${count} from ${bases.directory}: the root will be a copy (--fresh builds it from packages)`);
  else show("none yet: the root will be built from packages, and the next demo is faster");
}

/** Keeps what was built for the next demo. */
export async function keepBases(host: TestHost): Promise<void> {
  const count = await bases.take(host);
  show(count > 0 ? `${count} kept in ${bases.directory}` : "nothing new");
}

/** An ssh_config that has the host's alias, as a user's would. */
async function writeAlias(work: string, host: TestHost): Promise<string> {
  const file = join(work, "ssh_config");
  const lines = [
    "Host demo",
    `  HostName ${host.address}`,
    `  Port ${host.port}`,
    "  User root",
    `  IdentityFile ${host.privateKeyPath}`,
    `  UserKnownHostsFile ${host.knownHostsFile}`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
}
