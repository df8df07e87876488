import * as nspawn from "../../index";
import { type HostOptions, type TestHost, up } from "../hosts";
import { inBox } from "./support/box";
import { connectionTo } from "./support/hosts";
import { Stack } from "./support/stack";

const generations: (HostOptions & { systemd: number })[] = [
  { name: "mounts-bookworm", suite: "bookworm", systemd: 252 },
  { name: "mounts-trixie", suite: "trixie", filesystem: "btrfs", systemd: 257 },
  { name: "mounts-forky", suite: "forky", systemd: 262 },
];

/** What a machine with user IDs of its own has of its host, on every generation of systemd. */
describe.each(generations)("mounts on $suite, systemd $systemd", ({ systemd, ...options }) => {
  let host: TestHost;
  let stack: Stack;

  beforeAll(async () => {
    host = await up(options);
    stack = await Stack.create("dev");
    // The second source is on btrfs where the images are.
    await host.sh(`
      mkdir -p /srv/shared /srv/low /srv/top /srv/owned /srv/root /var/lib/machines/.data /srv/open
      mount --bind /var/lib/machines/.data /srv/open
      echo shared >/srv/shared/file
      echo low >/srv/low/one; echo low >/srv/low/two; echo top >/srv/top/two
      echo line >/srv/file; chown 1000:1000 /srv/file /srv/owned /srv/root
    `);
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const as1000 = (command: string) => `setpriv --reuid=1000 --regid=1000 --clear-groups ${command}`;
  const owners = async (path: string) => (await host.sh(`cd ${path} && stat -c "%n %u" *`)).trim().split("\n");

  /** The host, the root and the mounts; the one of `spool` may come from elsewhere. */
  function base(spoolRef?: nspawn.BindMountRef) {
    const server = new nspawn.Host("server", { connection: connectionTo(host, "ops") });
    const bind = (name: string, args: Omit<nspawn.BindMountArgs, "host">) =>
      new nspawn.BindMount(name, { host: server, ...args });
    const home = bind("home", {
      source: "/srv/homes/alice",
      target: "/home/alice",
      create: { owner: 1000, group: 1000, mode: "0750" },
    });
    const spool = spoolRef ?? bind("spool", { source: "/srv/homes/spool", target: "/var/spool/new", create: {} }).ref;
    const mounts = [
      home,
      spool,
      bind("open", { source: "/srv/open", target: "/open" }),
      bind("shared", { source: "/srv/shared", target: "/srv/a: b", readOnly: true }),
      bind("file", { source: "/srv/file", target: "/etc/line" }),
      bind("root", { source: "/srv/root", target: "/mnt", ownership: "rootidmap" }),
      bind("nobody", { source: "/srv/owned", target: "/nobody", ownership: "none" }),
      ...(systemd >= 256 ? [bind("owned", { source: "/srv/owned", target: "/media", ownership: "owneridmap" })] : []),
      { tmpfs: "/scratch", size: "1MiB", mode: "1777" },
      { inaccessible: "/opt" },
      { overlay: ["/srv/low", "/srv/top"], target: "/over", readOnly: true },
    ];
    const rootfs = new nspawn.DebianRootfs("box", { host: server });
    return { server, rootfs, spool, mounts };
  }

  const program =
    (more: nspawn.MountInput[] = [], spoolRef?: nspawn.BindMountRef) =>
    async () => {
      const { rootfs, mounts, spool } = base(spoolRef);
      const machine = new nspawn.NspawnMachine("box", { rootfs, mounts: [...mounts, ...more] });
      return { state: machine.state, spool };
    };

  test("a machine boots with all of them, and a second run changes nothing", async () => {
    const made = await stack.up(program());
    expect(made.text).not.toContain("error:");
    expect(made.outputs).toMatchObject({
      state: "running",
      spool: { bind: { source: "/srv/homes/spool", ownership: "auto" } },
    });
    const warned = made.text.split("\n").filter((line) => line.includes("warning:"));
    expect([...new Set(warned.map((line) => /can reach "([^"]*)"/.exec(line)?.[1]))].sort()).toEqual([
      "/srv/file",
      "/srv/open",
    ]);
    expect((await stack.up(program())).changes).toEqual({ same: made.changes.create });
    const providers = [...(await stack.export()).matchAll(/"__provider": ("(?:[^"\\]|\\.)*")/g)];
    for (const [, text = ""] of providers) {
      expect(JSON.parse(text)).toMatch(/^exports\.handler=\(\)=>require\("pulumi-nspawn\/provider"\)\.get\("\w+"\);$/);
    }
    expect(providers.length).toBeGreaterThan(made.changes.create ?? 0);
  });

  test.each(["/home/alice", "/open"])(
    "root and user 1000 write to %s and give files away, by the same numbers outside",
    async (target) => {
      const source = target === "/open" ? "/srv/open" : "/srv/homes/alice";
      await inBox(
        host,
        `cd ${target} && touch root given && chown 1000 . given && ${as1000("touch user")} && touch user`,
      );
      expect(await owners(source)).toEqual(["given 1000", "root 0", "user 1000"]);
      await host.sh(`echo outside >${source}/user`);
      expect(await inBox(host, `cat ${target}/user; stat -c %u ${target}/root`)).toBe("outside\n0");
    },
  );

  test("a write to a read-only mount is refused inside, to root too", async () => {
    expect(await inBox(host, `cat "/srv/a: b/file"; touch "/srv/a: b/new" 2>&1 || :`)).toMatch(
      /^shared\ntouch: .*Read-only file system$/,
    );
    expect(await host.sh("ls /srv/shared")).toBe("file\n");
  });

  test("a single file is mounted, and written to by its owner", async () => {
    await inBox(host, as1000('sh -c "echo more >>/etc/line"'));
    expect(await host.sh("cat /srv/file")).toBe("line\nmore\n");
  });

  test("rootidmap makes the source's owner root inside, and nobody else anybody", async () => {
    expect(await inBox(host, "cd /mnt && touch mine && stat -c %u mine && chown 1000 mine 2>&1 || :")).toMatch(
      /^0\nchown: .*Value too large/,
    );
    expect(await owners("/srv/root")).toEqual(["mine 1000"]);
  });

  test("with none, all belongs to nobody", async () => {
    expect(await inBox(host, "stat -c %u /nobody; touch /nobody/new 2>&1 || :")).toMatch(
      /^65534\ntouch: .*Permission denied$/,
    );
  });

  if (systemd >= 256) {
    test("owneridmap makes the source's owner the target's", async () => {
      expect(await inBox(host, "touch /media/new && stat -c %u /media /media/new")).toBe("0\n0");
      expect(await owners("/srv/owned")).toEqual(["new 1000"]);
    });
  }

  test("a tmpfs has its size and mode, what is inaccessible is so, and an overlay shows its top", async () => {
    const tmpfs = await inBox(
      host,
      `stat -c "%U %a" /scratch; df --output=size -k /scratch | tail -1; ${as1000("touch /scratch/x")} && echo ok`,
    );
    expect(tmpfs).toMatch(/^root 1777\n\s*1024\nok$/);
    expect(await inBox(host, "ls /opt 2>&1 || :")).toMatch(/Permission denied/);
    expect(await inBox(host, "cat /over/one /over/two; touch /over/x 2>&1 || :")).toMatch(
      /^low\ntop\ntouch: .*Read-only/,
    );
  });

  test("what cannot be is refused with its reason before the machine stops, and it runs on", async () => {
    await host.sh("mkdir -p /opt/on-overlay; ln -sfn shared /srv/link");
    const before = await host.sh("systemctl show -p InvocationID --value systemd-nspawn@box");
    const wrong = async () => {
      const { server, rootfs, mounts } = base();
      new nspawn.BindMount("link", { host: server, source: "/srv/link/file", target: "/x" });
      new nspawn.BindMount("missing", { host: server, source: "/srv/missing", target: "/x" });
      const unmappable = new nspawn.BindMount("unmappable", { host: server, source: "/opt/on-overlay", target: "/x" });
      new nspawn.NspawnMachine("box", { rootfs, mounts: [...mounts, unmappable] });
      // No such root: what is looked at first is its mounts.
      const other = (name: string, mount: nspawn.MountInput) =>
        new nspawn.NspawnMachine(name, {
          rootfs: { id: `${name}@1`, name, host: { connection: connectionTo(host, "ops") } },
          mounts: [mount],
        });
      other("layer", { overlay: ["/srv/low", "/srv/gone"], target: "/x", readOnly: true });
      const owned = { host: `${host.address}:${host.port}`, id: "x", source: "/srv/owned", target: "/x" };
      other("young", { bind: { ...owned, ownership: "owneridmap" } });
    };
    const { ok, text } = await stack.up(wrong, { continueOnError: true });
    expect(ok).toBe(false);
    expect(text).toMatch(
      /could not mount the source "\/srv\/link\/file" on ops@.*: .*\/srv\/link leads to shared\. .*"\/srv\/shared\/file"/,
    );
    expect(text).toMatch(/could not mount the source "\/srv\/missing" on .*: the source \/srv\/missing is not there/);
    expect(text).toMatch(
      /could not start the machine "box" on .*\/opt\/on-overlay cannot be mapped.* it is on overlay.*`ownership: "none"`.*`privateUsers: false`/,
    );
    expect(text).toMatch(/could not start the machine "layer" on .*the source \/srv\/gone is not there/);
    if (systemd < 256) {
      expect(text).toMatch(
        /could not start the machine "young" on .*ownership "owneridmap" of "\/srv\/owned" needs systemd 256, and the host has 252/,
      );
    }
    expect(await host.sh("systemctl show -p InvocationID --value systemd-nspawn@box")).toBe(before);
    expect((await stack.up(program())).text).not.toContain("error:");
    expect(await host.sh("systemctl show -p InvocationID --value systemd-nspawn@box")).toBe(before);
  });

  test("a mount more is a restart, which the preview says, and one less another", async () => {
    const more = program([{ tmpfs: "/home/alice/cache" }]);
    expect((await stack.preview(more)).text).toMatch(/NspawnMachine box .*restart: mounts/);
    const changed = await stack.up(more);
    expect(changed.text).not.toContain("error:");
    expect(await inBox(host, "findmnt -n -o FSTYPE /home/alice/cache; cat /home/alice/user")).toBe("tmpfs\noutside");
  });

  test("what changed outside is seen by a refresh, and repaired", async () => {
    await host.sh("chown 5 /srv/homes/alice");
    expect((await stack.refresh()).changes).toMatchObject({ update: 1 });
    const repaired = await stack.up(program());
    expect(repaired.text).toMatch(/BindMount home .*repair: owner/);
    expect(await host.sh("stat -c %u /srv/homes/alice")).toBe("1000\n");
  });

  test("a source that a machine has is not removed under it", async () => {
    const spool = JSON.parse(JSON.stringify((await stack.up(program())).outputs.spool));
    const { ok, text } = await stack.up(program([], spool));
    expect(ok).toBe(false);
    expect(text).toMatch(
      /could not remove the source "\/srv\/homes\/spool" on .*\/srv\/homes\/spool is mounted in box/,
    );
    expect(await host.sh("ls /srv/homes")).toBe("alice\nspool\n");
  });

  test("destroy leaves what has data in it, and takes what is empty", async () => {
    const gone = await stack.destroy();
    expect(gone.text).not.toContain("error:");
    expect(gone.text).toMatch(/warning: \/srv\/homes\/alice stays on ops@.*removeData/);
    expect(await owners("/srv/homes/alice")).toEqual(expect.arrayContaining(["given 1000", "root 0", "user 1000"]));
    expect(await host.sh("ls /srv/homes /srv/shared /srv/low /srv/top")).toBe(
      "/srv/homes:\nalice\n\n/srv/low:\none\ntwo\n\n/srv/shared:\nfile\n\n/srv/top:\ntwo\n",
    );
    expect(await host.sh("ls /var/lib/pulumi-nspawn 2>&1 || :")).toContain("No such file");
  });
});
