import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as nspawn from "../../index";
import { command } from "../../scripts/tools/command";
import { upWithBase } from "../support/bases";
import { inBox } from "../support/box";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import { root } from "../support/root";
import { Stack } from "../support/stack";

const ARCHIVE = "/var/tmp/machines.tar";

/** The commands of the guide for a host, in its order: the backup, and putting it back. */
async function commandsOfGuide(): Promise<string[]> {
  const guide = await readFile(join(root, "docs/guides/restoring.md"), "utf8");
  return [...guide.matchAll(/^ *(sudo tar .*)$/gm)].map(([, line = ""]) => line);
}

interface Where {
  readonly host: TestHost;
  readonly instance?: string;
  readonly adopt?: "roots" | "all";
}

function program({ host, instance, adopt: what }: Where) {
  const adopt = what === "all";
  const adoptRoots = what !== undefined;
  return async () => {
    const server = new nspawn.Host("server", { connection: connectionTo(host), ...(instance && { instance }) });
    const net = new nspawn.VethNetwork("dev", { host: server, subnet: "10.77.2.0/24", adopt });
    const data = new nspawn.BindMount("data", {
      host: server,
      source: "/srv/machines/box",
      target: "/srv/data",
      create: { owner: 1000, group: 1000 },
      adopt: adoptRoots,
    });
    const rootfs = new nspawn.DebianRootfs("box", { host: server, adopt: adoptRoots });
    const box = new nspawn.NspawnMachine("box", { rootfs, networks: [net], mounts: [data], adopt });
    return { bootId: box.bootId };
  };
}

test("a host that is lost is put back on another one, and a state that is lost too is made again from it", async () => {
  const [backUp = "", putBack = ""] = await commandsOfGuide();
  const lost = await upWithBase({ name: "restore-from", suite: "trixie" });
  const found = await up({ name: "restore-to", suite: "trixie" });
  let stack = await Stack.create("dev", { PULUMI_NSPAWN_ON_UNREACHABLE: "forget" });
  try {
    expect((await stack.up(program({ host: lost }))).text).not.toContain("error:");
    await inBox(
      lost,
      "echo root >/root/kept; echo data >/srv/data/kept; getcap /usr/bin/ping >/root/capability || true",
    );
    await lost.sh("machinectl poweroff box; while machinectl show box >/dev/null 2>&1; do sleep 0.2; done");
    await lost.sh(backUp);
    const archive = join(lost.directory, "machines.tar");
    await command("sh", ["-c", 'cp "$1" "$2"', "sh", await outside(lost), archive]);
    await command("sh", ["-c", 'cp "$1" "$2"', "sh", archive, await outside(found)]);
    await lost.shutDown();
    await found.sh(putBack);

    const elsewhere = { host: found, instance: "second" };
    const moved = await stack.up(program({ ...elsewhere, adopt: "roots" }));
    expect(moved.text).not.toContain("error:");
    expect(await inBox(found, "cat /root/kept /srv/data/kept")).toBe("root\ndata");
    await expectAgreement(stack, elsewhere);

    await stack.cli("stack", "rm", "--yes", "--force");
    await stack.dispose();
    stack = await Stack.create("dev");
    const again = await stack.up(program({ ...elsewhere, adopt: "all" }));
    expect(again.text).not.toContain("error:");
    expect(again.outputs.bootId).toBe(moved.outputs.bootId);
    expect(await inBox(found, "cat /root/kept /srv/data/kept")).toBe("root\ndata");
    await expectAgreement(stack, elsewhere);
  } finally {
    await stack.destroy();
    await stack.dispose();
    await found.down();
    await lost.down();
  }
});

/** Where the archive of a host is on this machine. */
async function outside(host: TestHost): Promise<string> {
  const path = await host.outside(ARCHIVE);
  if (path === undefined) throw new Error(`${host.name} does not run`);
  return path;
}

async function expectAgreement(stack: Stack, where: Where): Promise<void> {
  const record = await stack.up(program(where));
  expect(record.text).not.toContain("error:");
  for (const run of [await stack.up(program(where)), await stack.refresh()]) {
    expect(run.text).not.toContain("error:");
    expect(Object.keys(run.changes)).toEqual(["same"]);
  }
}
