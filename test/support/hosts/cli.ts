import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { duration } from "../../../scripts/tools/log";
import { type Suite, suites } from "./apt";
import { downAll, find, up } from "./index";
import { list, remove } from "./registry";

const usage = `Real but disposable Debian hosts on this machine.

  npm run hosts -- up [NAME] [--suite trixie|bookworm|forky] [--filesystem ext4|btrfs] [--size 8G] [--bare]
  npm run hosts -- list
  npm run hosts -- ssh [USER@]NAME [COMMAND…]     USER: root, ops (sudo), careful (sudo with a password), nosudo
  npm run hosts -- down [NAME…]     without a name: all, except those of test runs in progress
  npm run hosts -- down --all       those too
`;

async function upCommand(args: string[]): Promise<number> {
  const options = {
    suite: { type: "string", default: "trixie" },
    filesystem: { type: "string", default: "ext4" },
    size: { type: "string", default: "8G" },
    bare: { type: "boolean", default: false },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const suite = oneOf<Suite>("suite", values.suite, suites);
  const filesystem = oneOf<"ext4" | "btrfs">("filesystem", values.filesystem, ["ext4", "btrfs"]);
  const name = positionals[0] ?? suite;
  const started = Date.now();
  const there = await find(name);
  const host =
    there ??
    (await up({ name, suite, filesystem, imageSize: values.size, bare: values.bare, keep: true, log: console.error }));
  console.error(there ? `${name} was up already` : `${host.name} is up after ${duration(Date.now() - started)}`);
  console.log(`${host.name}  ${host.suite}  ${host.address}\n  ssh -F ${host.sshConfigFile} ${host.name}`);
  return 0;
}

async function listCommand(): Promise<number> {
  for (const { name, suite, bare, filesystem, imageSize, created } of await list()) {
    const host = await find(name);
    const kind = `${suite}${bare ? " (bare)" : ""}, ${filesystem} ${imageSize}, since ${created}`;
    console.log(
      host ? `${name}  ${host.address}  ${kind}  ssh -F ${host.sshConfigFile} ${name}` : `${name}  (being made)`,
    );
  }
  return 0;
}

async function sshCommand([target = "", ...command]: string[]): Promise<number> {
  const name = target.replace(/^.*@/, "");
  const host = await find(name);
  if (!host) throw new Error(`no host "${name}" is up: see npm run hosts -- list`);
  const { status } = spawnSync("ssh", ["-F", host.sshConfigFile, target, ...command], { stdio: "inherit" });
  return status ?? 255;
}

async function downCommand(args: string[]): Promise<number> {
  const options = { all: { type: "boolean", default: false } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const removed =
    positionals.length > 0 ? await removeNamed(positionals) : await downAll({ all: values.all, kept: true });
  console.error(removed.length > 0 ? `removed ${removed.join(", ")}` : "no host was up");
  return 0;
}

async function removeNamed(names: string[]): Promise<string[]> {
  const known = new Set((await list()).map((record) => record.name));
  for (const name of names) if (!known.has(name)) throw new Error(`no host "${name}" is up: see npm run hosts -- list`);
  await remove(names);
  return names;
}

function oneOf<T extends string>(what: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (!found) throw new Error(`"${value}" is no ${what}: write one of ${allowed.join(", ")}`);
  return found;
}

async function main([verb = "help", ...args]: string[]): Promise<number> {
  switch (verb) {
    case "up":
      return upCommand(args);
    case "list":
      return listCommand();
    case "ssh":
      return sshCommand(args);
    case "down":
      return downCommand(args);
    default:
      console.log(usage);
      return verb === "help" || verb === "--help" ? 0 : 2;
  }
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
