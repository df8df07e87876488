import type { Context } from "../../provider/dynamic";
import { forgetInventory } from "../../provider/host/inventory";
import { rootfsHandler } from "../../provider/resources/debian-rootfs/rootfs-handler";
import { machineHandler } from "../../provider/resources/nspawn-machine/machine-handler";
import { targetOf } from "../../provider/resources/on-host";
import { provisionHandler } from "../../provider/resources/provision/provision-handler";
import { upWithBase } from "../support/bases";
import type { TestHost } from "../support/hosts";
import { inside } from "../support/network";
import { type Made, Roots } from "../support/roots";

const FILE = "/home/alice/settings";
const context = (urn: string): Context => ({
  urn,
  secretInputs: [],
  progress: () => {},
  note: () => {},
  warn: () => {},
});

/** What a guest can do with its own tree to a host that looks into it or works in it; another machine stays well. */
describe("a guest that shapes its tree against its host", () => {
  let host: TestHost;
  let roots: Roots;
  const made: Record<string, Made> = {};

  const root = (name: string) => {
    const found = made[name];
    if (found === undefined) throw new Error(`no root ${name}`);
    return found;
  };

  async function makeMachine(name: string) {
    const inputs = machineHandler.inputs.parse({ ...roots.inputs({ name }), rootName: name, rootfs: root(name).id });
    const { id, outputs } = await machineHandler.create(inputs, context(`urn:machine-${name}`));
    return { id, state: { ...inputs, ...outputs } };
  }

  async function makeProvision(name: string) {
    const inputs = provisionHandler.inputs.parse({
      host: roots.inputs({ name }).host,
      name,
      machine: `systemd-nspawn@${name}.service`,
      rootfs: root(name).id,
      users: [{ name: "alice", uid: 1500 }],
      files: [{ path: FILE, content: "x\n", owner: "alice", group: "alice", mode: "0600" }],
    });
    const { id, outputs } = await provisionHandler.create(inputs, context(`urn:provision-${name}`));
    return { id, state: { ...inputs, ...outputs } };
  }

  let machines: Record<string, Awaited<ReturnType<typeof makeMachine>>>;
  let provisions: Record<string, Awaited<ReturnType<typeof makeProvision>>>;

  beforeAll(async () => {
    host = await upWithBase({ name: "hostile-tree", suite: "trixie" });
    roots = new Roots(host);
    for (const name of ["bad", "good"]) made[name] = await roots.create({ name, suite: "trixie" });
    machines = { bad: await makeMachine("bad"), good: await makeMachine("good") };
    provisions = { bad: await makeProvision("bad"), good: await makeProvision("good") };
  });

  afterAll(async () => {
    await host.down();
  });

  /** Runs a command as root of the guest. */
  const inBad = (command: string) => inside(host, "bad", command);
  async function read(name: string) {
    const [machine, provision] = [machines[name], provisions[name]];
    if (machine === undefined || provision === undefined) throw new Error(`no machine ${name}`);
    const one = await machineHandler.read(machine.id, machine.state, context("urn:x"));
    const other = await provisionHandler.read(provision.id, provision.state, context("urn:x"));
    const tree = await rootfsHandler.read(root(name).id, root(name).state, context("urn:x"));
    if (one === "gone" || other === "gone" || tree === "gone") throw new Error("something is gone");
    return { machine: one, provision: other, root: tree };
  }
  /** What one refresh finds of the bad guest; all of the good one is always found as it should be. */
  async function refreshed() {
    forgetInventory(targetOf(root("bad").state));
    const bad = await read("bad");
    const { machine, provision, root: tree } = await read("good");
    expect([machine.state, machine.drift, provision.drift, tree.drift]).toEqual(["running", {}, {}, {}]);
    return bad;
  }
  /** Puts something in the place of the guest's boot ID while a test runs. */
  async function withBootId(make: string, test: () => Promise<void>): Promise<void> {
    const place = "/proc/sys/kernel/random";
    await inBad(`mkdir -p /srv/random && rm -rf /srv/random/* && cd /srv/random && ${make} && mount --bind . ${place}`);
    try {
      await test();
    } finally {
      await inBad(`umount ${place}`);
    }
  }

  test.each([
    ["a link to a file of the host", "ln -s /etc/shadow boot_id"],
    ["a pipe", "mkfifo boot_id"],
    ["a device without end", ": >boot_id && mount --bind /dev/urandom boot_id"],
  ])("in the place of its boot ID there is %s", async (_what, make) => {
    await withBootId(make, async () => {
      const { machine } = await refreshed();
      expect(machine.bootId).toMatch(/^[0-9a-f]{32}$/);
    });
  });

  test("the boot ID changes when the machine boots again, and only then", async () => {
    const before = (await refreshed()).machine.bootId;
    expect((await refreshed()).machine.bootId).toBe(before);
    await host.sh("systemctl restart systemd-nspawn@bad");
    expect(await roots.boot("bad")).toBe("running");
    expect((await refreshed()).machine.bootId).not.toBe(before);
  });

  test.each([
    ["huge", "truncate -s 20G status", "is larger than such a file can be"],
    ["a link to a file of the host", "ln -s /etc/shadow status", "is not a regular file"],
    ["a pipe", "mkfifo status", "is not a regular file"],
    ["one line without end", 'head -c 300M /dev/zero | tr "\\\\0" x >status', "is larger than such a file can be"],
  ])("its list of packages is %s", async (_what, make, why) => {
    await inBad(`cd /var/lib/dpkg && mv status status.kept && ${make}`);
    try {
      const { root: tree } = await refreshed();
      expect(tree.drift?.packages).toContain(`/var/lib/dpkg/status in it ${why}`);
      expect(tree.installedPackages).toEqual(root("bad").state.installedPackages);
      await expect(roots.update(root("bad"), { hostname: "bad" })).rejects.toThrow(`/var/lib/dpkg/status in it ${why}`);
    } finally {
      await inBad("cd /var/lib/dpkg && mv -f status.kept status");
    }
    expect((await refreshed()).root.drift).toEqual({});
  });

  test("a user's file is of 12 TiB", async () => {
    await inBad(`runuser -u alice -- truncate -s 12T ${FILE}`);
    expect((await refreshed()).provision.drift).toEqual({ [FILE]: "its content differs" });
    await inBad(`runuser -u alice -- truncate -s 0 ${FILE}; echo x >${FILE}`);
    expect((await refreshed()).provision.drift).toEqual({});
  });

  test("its shell never ends", async () => {
    await host.sh(
      `printf '#!/bin/bash\\nwhile :; do sleep 1; done\\n' >/var/lib/machines/bad/srv/sh; chmod 755 /var/lib/machines/bad/srv/sh`,
    );
    await inBad("mount --bind /srv/sh /usr/bin/dash");
    try {
      const { provision } = await refreshed();
      expect(provision.results).toEqual(provisions.bad?.state.results);
    } finally {
      await host.sh("systemd-run -q -M bad --pipe --wait --collect umount -l /usr/bin/dash");
    }
  });

  test("a user's links make root write nowhere else", async () => {
    const shadow = 'stat -c "%U %G %a" /etc/shadow; sha256sum </etc/shadow';
    const before = await inBad(shadow);
    await inBad(
      "runuser -u alice -- ln -s /etc/shadow /home/alice/conf.pulumi-new; runuser -u alice -- ln -s /etc /home/alice/etc",
    );
    const conf = { path: "/home/alice/conf", content: "hello\n", owner: "alice", group: "alice" };
    made.bad = await roots.update(root("bad"), { files: [conf] });
    expect(await inBad(shadow)).toBe(before);
    expect(await inBad('stat -c "%U %F" /home/alice/conf; cat /home/alice/conf')).toBe("alice regular file\nhello");
    await expect(
      roots.update(root("bad"), { files: [{ ...conf, path: "/home/alice/etc/motd" }] }),
    ).rejects.toMatchObject({
      parts: { details: expect.stringContaining("/home/alice/etc (to /etc) is not followed") },
    });
    const unit = { path: "/lib/systemd/system/mine.service", content: "[Service]\n" };
    made.bad = await roots.update(root("bad"), { files: [unit] });
    expect(await inBad("cat /usr/lib/systemd/system/mine.service")).toBe("[Service]");
  });

  test("its own shell in a tree at rest has no network, and of the host's no loopback where packages are fetched", async () => {
    await host.sh("systemctl stop systemd-nspawn@bad");
    const seen = "/var/lib/machines/bad/srv/seen";
    const probe = [
      "#!/bin/bash",
      "if timeout 3 bash -c 'exec 5<>/dev/tcp/127.0.0.1/22' 2>/dev/null; then loopback=open; else loopback=closed; fi",
      'echo "$loopback $(wc -l </proc/net/route) $(stat -Lc %F /proc/self/fd/1 /proc/self/fd/2 | sort -u)" >>/srv/seen',
      'exec -a sh /srv/dash "$@"',
    ].join("\n");
    const tree = "/var/lib/machines/bad";
    await host.sh(`cd ${tree} && cp usr/bin/dash srv/dash && rm usr/bin/dash && base64 -d >usr/bin/dash <<END && chmod 755 usr/bin/dash
${Buffer.from(probe).toString("base64")}
END`);
    made.bad = await roots.update(root("bad"), { hostname: "still" });
    expect(
      await host.sh(
        `cat ${tree}/etc/hostname; grep -c '^closed 1 fifo$' ${seen}; grep -vc '^closed 1 fifo$' ${seen} || :`,
      ),
    ).toBe("still\n1\n0\n");
    await host.sh(`rm ${seen}`);
    made.bad = await roots.update(root("bad"), { hostname: "still", packages: ["hello"] });
    expect(Object.keys(root("bad").state.installedPackages)).toContain("hello");
    expect(await host.sh(`head -n 1 ${seen}; grep -c open ${seen} || :`)).toMatch(/^closed \d+ fifo\n0\n$/);
  });
});
