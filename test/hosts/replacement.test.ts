import type { PulumiFn } from "@pulumi/pulumi/automation";
import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { type BoxOptions, box, inBox } from "../support/box";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";

const allow = { dataLoss: "allow" } as const;
const trees =
  "cd /var/lib/machines && find . -mindepth 1 -maxdepth 1 ! -name .pulumi-cache ! -name '.#*' ! -name lost+found | sort";

describe("replacing what a machine runs on", () => {
  let host: TestHost;
  let stack: Stack;
  const program = (options: BoxOptions = {}) => box(host, { ...options, rootfs: { ...allow, ...options.rootfs } });
  const urn = (kind: string, name: string) => `urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:${kind}::${name}`;

  /** How every scenario must end: the machine runs, its neighbour is untouched, and state and host agree. */
  async function expectAgreement(wanted: PulumiFn): Promise<void> {
    const again = await stack.up(wanted);
    expect(again.text).not.toContain("error:");
    expect(Object.keys(again.changes)).toEqual(["same"]);
    const refreshed = await stack.refresh();
    expect(Object.keys(refreshed.changes)).toEqual(["same"]);
    expect((await host.sh(trees)).trim().split("\n")).toEqual(["./box", "./neighbour"]);
    expect(await host.sh("cat /var/lib/machines/neighbour/mine")).toBe("untouched\n");
    expect((await host.sh("systemctl is-active systemd-nspawn@box")).trim()).toBe("active");
  }

  beforeAll(async () => {
    host = await upWithBase({ name: "replacement", suite: "trixie", filesystem: "btrfs" });
    await host.sh("mkdir /var/lib/machines/neighbour && echo untouched >/var/lib/machines/neighbour/mine");
    stack = await Stack.create("dev");
    const run = await stack.up(program());
    expect(run.text).not.toContain("error:");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  test("a new root that does not boot leaves the old machine running, which the next up keeps if it is wanted again", async () => {
    await host.sh("echo kept >/var/lib/machines/box/root/kept");
    const setup = "ln -sf /bin/false /sbin/init; ln -sf /bin/false /usr/lib/systemd/systemd";
    const run = await stack.up(
      program({ rootfs: { suite: "bookworm", setup }, machine: { timeouts: { update: 60 } } }),
    );
    expect(run.ok).toBe(false);
    expect(run.text).toMatch(
      /could not start the machine "box" on .*the new root did not boot.*rolled back to the old one/s,
    );
    expect(await inBox(host, "cat /root/kept; cut -c1-3 /etc/debian_version")).toBe("kept\n13.");

    expect(run.text).toContain("or take back the change of the DebianRootfs: then the old root is kept");

    const careful = program({ rootfs: { dataLoss: "refuse" } });
    const next = await stack.up(careful);
    expect(next.text).not.toContain("error:");
    expect(next.text).toContain("this takes back a change (suite from bookworm to trixie)");
    expect(await inBox(host, "cat /root/kept; cut -c1-3 /etc/debian_version")).toBe("kept\n13.");
    await expectAgreement(careful);
    expect(await inBox(host, "cat /root/kept")).toBe("kept");
  });

  test("a suite change under a running machine boots the new root and removes the old one", async () => {
    expect((await stack.up(program({ rootfs: { suite: "bookworm" } }))).ok).toBe(true);
    expect(await inBox(host, "cut -c1-3 /etc/debian_version")).toBe("12.");
    const run = await stack.up(program({ rootfs: { suite: "trixie" } }));
    expect(run.text).not.toContain("error:");
    expect(await inBox(host, "cut -c1-3 /etc/debian_version")).toBe("13.");
    await expectAgreement(program());
  });

  test.each(["Host", "DebianRootfs", "NspawnMachine"])(
    "a forced replacement of the %s leaves state and host in agreement",
    async (kind) => {
      const target = urn(kind, kind === "Host" ? "server" : "box");
      const run = await stack.up(program(), { targetReplace: [target] });
      expect(run.text).not.toContain("error:");
      await stack.up(program());
      await expectAgreement(program());
    },
  );

  test("tainting all of them leaves state and host in agreement", async () => {
    const urns = [urn("Host", "server"), urn("DebianRootfs", "box"), urn("NspawnMachine", "box")];
    for (const one of urns) await stack.cli("state", "taint", "--yes", one);
    const run = await stack.up(program());
    expect(run.text).not.toContain("error:");
    await expectAgreement(program());
  });

  test("protect on the root blocks its replacement", async () => {
    const guarded = (suite: string) => async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host) });
      const rootfs = new nspawn.DebianRootfs("box", { host: server, suite, ...allow }, { protect: true });
      new nspawn.NspawnMachine("box", { rootfs });
    };
    expect((await stack.up(guarded("trixie"))).ok).toBe(true);
    const run = await stack.up(guarded("bookworm"));
    expect(run.ok).toBe(false);
    expect(run.text).toContain("protect");
    expect((await stack.up(program())).ok).toBe(true);
    await expectAgreement(program());
  });

  test("a rename by alias and a rename of the stack change nothing on the host", async () => {
    const { bootId } = (await stack.up(program())).outputs;
    const renamed = async () => {
      const server = new nspawn.Host("server2", { connection: connectionTo(host) }, { aliases: [{ name: "server" }] });
      const args = { host: server, name: "box", ...allow };
      const rootfs = new nspawn.DebianRootfs("box2", args, { aliases: [{ name: "box" }] });
      const machine = new nspawn.NspawnMachine("box2", { rootfs }, { aliases: [{ name: "box" }] });
      return { bootId: machine.bootId };
    };
    const run = await stack.up(renamed);
    expect(run.text).not.toContain("error:");
    expect(run.outputs.bootId).toBe(bootId);
    await stack.rename("production");
    const after = await stack.up(renamed);
    expect(after.text).not.toContain("error:");
    expect(after.outputs.bootId).toBe(bootId);
    await expectAgreement(renamed);
  });

  test("a machine moved to another stack belongs to that stack, and is still the same machine", async () => {
    const other = await Stack.create("other", { PULUMI_BACKEND_URL: stack.backend });
    try {
      await stack.cli(
        "state",
        "move",
        "--yes",
        "--include-parents",
        "--source",
        "production",
        "--dest",
        "other",
        ...["Host::server2", "DebianRootfs::box2", "NspawnMachine::box2"].map(
          (end) => `urn:pulumi:production::e2e::pulumi-nodejs:dynamic/nspawn:${end}`,
        ),
      );
      const moved = async () => {
        const server = new nspawn.Host("server2", { connection: connectionTo(host) });
        const rootfs = new nspawn.DebianRootfs("box2", { host: server, name: "box", ...allow });
        new nspawn.NspawnMachine("box2", { rootfs });
      };
      const run = await other.up(moved);
      expect(run.text).not.toContain("error:");
      expect(run.changes.create).toBeUndefined();
      expect((await other.destroy()).text).not.toContain("error:");
      expect((await host.sh(trees)).trim()).toBe("./neighbour");
    } finally {
      await other.dispose();
    }
  });
});
