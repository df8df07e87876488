import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { inBox } from "../support/box";
import { connectionTo } from "../support/connection";
import { ofGenerations, stable } from "../support/generations";
import type { HostOptions, TestHost } from "../support/hosts";
import { makeSources, mountsProgram } from "../support/mounts";
import { Stack } from "../support/stack";

const hosts: (HostOptions & { systemd: number })[] = [
  { name: "mounts-bookworm", suite: "bookworm", systemd: 252 },
  { name: "mounts-trixie", suite: "trixie", filesystem: "btrfs", systemd: 257 },
  { name: "mounts-forky", suite: "forky", systemd: 262 },
];

/** What a machine with its own user IDs sees of its host, on every generation of systemd. */
describe.each(ofGenerations(hosts))("mounts on $suite, systemd $systemd", ({ systemd, suite, ...options }) => {
  let host: TestHost;
  let stack: Stack;

  beforeAll(async () => {
    host = await upWithBase({ ...options, suite });
    stack = await Stack.create("dev");
    await makeSources(host);
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const as1000 = (command: string) => `setpriv --reuid=1000 --regid=1000 --clear-groups ${command}`;
  const owners = async (path: string) => (await host.sh(`cd ${path} && stat -c "%n %u" *`)).trim().split("\n");

  const base = (spoolRef?: nspawn.BindMountRef) => mountsProgram(host, systemd, spoolRef);

  const program =
    (more: nspawn.MountInput[] = [], spoolRef?: nspawn.BindMountRef) =>
    async () => {
      const { rootfs, mounts, spool } = base(spoolRef);
      const machine = new nspawn.NspawnMachine("box", { rootfs, mounts: [...mounts, ...more] });
      return { state: machine.state, spool };
    };

  test("a machine boots with all mounts", async () => {
    const made = await stack.up(program());
    expect(made.text).not.toContain("error:");
    expect(made.outputs).toMatchObject({
      state: "running",
      spool: { bind: { source: "/srv/homes/spool", ownership: "auto" } },
    });
    expect(made.text).not.toContain("warning:");
  });

  test.each(["/home/alice", "/open"])(
    "root and user 1000 write to %s and give files away, with the same numbers outside",
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

  test("a write to a read-only mount is refused inside, even for root", async () => {
    expect(await inBox(host, `cat "/srv/a: b/file"; touch "/srv/a: b/new" 2>&1 || :`)).toMatch(
      /^shared\ntouch: .*Read-only file system$/,
    );
    expect(await host.sh("ls /srv/shared")).toBe("file\n");
  });

  test("a single file is mounted, and its owner can write to it", async () => {
    await inBox(host, as1000('sh -c "echo more >>/etc/line"'));
    expect(await host.sh("cat /srv/file")).toBe("line\nmore\n");
  });

  test("a file of the host's /etc that everybody may read is mounted as by hand, also behind a link", async () => {
    const [outside = ""] = (await host.sh("sha256sum </etc/localtime")).split(" ");
    expect(await inBox(host, "sha256sum </etc/localtime; echo x >>/etc/localtime || :")).toContain(outside);
    expect(await host.sh("sha256sum </etc/localtime")).toContain(outside);
  });

  test("rootidmap maps the source's owner to root inside, and maps nobody else", async () => {
    expect(await inBox(host, "cd /mnt && touch mine && stat -c %u mine && chown 1000 mine 2>&1 || :")).toMatch(
      /^0\nchown: .*Value too large/,
    );
    expect(await owners("/srv/root")).toEqual(["mine 1000"]);
  });

  test("with none, everything belongs to nobody", async () => {
    expect(await inBox(host, "stat -c %u /nobody; touch /nobody/new 2>&1 || :")).toMatch(
      /^65534\ntouch: .*Permission denied$/,
    );
  });

  if (systemd < 256) {
    test("owneridmap is refused with the systemd version that has it", async () => {
      const { text } = await stack.up(async () => {
        const connection = connectionTo(host, "ops");
        const owned = { host: `${host.address}:${host.port}`, id: "x", source: "/srv/owned", target: "/x" };
        await program()();
        new nspawn.NspawnMachine("young", {
          rootfs: { id: "young@1", name: "young", host: { connection } },
          mounts: [{ bind: { ...owned, ownership: "owneridmap" } }],
        });
      });
      expect(text).toMatch(
        /could not start the machine "young" on .*ownership "owneridmap" of "\/srv\/owned" needs systemd 256, and the host has 252/,
      );
    });
  } else {
    test("owneridmap maps the source's owner to the target's", async () => {
      expect(await inBox(host, "touch /media/new && stat -c %u /media /media/new")).toBe("0\n0");
      expect(await owners("/srv/owned")).toEqual(["new 1000"]);
    });
  }

  test("a tmpfs has its size and mode, an inaccessible path is closed, an overlay shows its top layer", async () => {
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

  if (suite === stable) {
    test("a second run changes nothing, and the state holds no code but the constant line", async () => {
      expect(Object.keys((await stack.up(program())).changes)).toEqual(["same"]);
      const providers = [...(await stack.export()).matchAll(/"__provider": ("(?:[^"\\]|\\.)*")/g)];
      for (const [, text = ""] of providers) {
        expect(JSON.parse(text)).toMatch(
          /^exports\.handler=\(\)=>require\("pulumi-nspawn\/provider"\)\.get\("\w+"\);$/,
        );
      }
      expect(providers.length).toBeGreaterThan(10);
    });

    test("a machine with the host's user IDs writes to an overlay, and sees nested mounts of a source", async () => {
      await host.sh(
        "mkdir -p /srv/deep/inner /srv/upper && mount -t tmpfs tmpfs /srv/deep/inner && echo in >/srv/deep/inner/x",
      );
      const plain = async () => {
        const made = await program()();
        const server = { connection: connectionTo(host, "ops") };
        const deep = new nspawn.BindMount("deep", {
          host: server,
          source: "/srv/deep",
          target: "/deep",
          recursive: true,
          exposeHost: true,
        });
        const overlay = { overlay: ["/srv/low", "/srv/upper"], target: "/over", exposeHost: true };
        const rootfs = new nspawn.DebianRootfs("plain", { host: server });
        new nspawn.NspawnMachine("plain", { rootfs, privateUsers: false, mounts: [deep, overlay] });
        return made;
      };
      expect((await stack.up(plain)).text).not.toContain("error:");
      const inside = "cat /deep/inner/x; echo new >/over/one; cat /over/one; stat -c %u /srv";
      expect(await host.sh(`systemd-run -q -M plain --pipe --wait sh -c '${inside}'`)).toBe("in\nnew\n0\n");
      expect(await host.sh("cat /srv/low/one /srv/upper/one; umount -l /srv/deep/inner; rm -r /srv/upper/*")).toBe(
        "low\nnew\n",
      );
      expect((await stack.up(program())).text).not.toContain("error:");
    });

    test("the unit waits for the file systems of the sources", async () => {
      const waits = await host.sh("systemctl show -p RequiresMountsFor --value systemd-nspawn@box");
      expect(waits.trim().split(" ")).toEqual(expect.arrayContaining(["/srv/homes/alice", "/srv/file", "/srv/low"]));
    });

    test("an impossible mount is refused with its reason, and the machine keeps running", async () => {
      await host.sh("mkdir -p /on-overlay; ln -sfn shared /srv/link; chown -h 1000 /srv/link");
      const before = await host.sh("systemctl show -p InvocationID --value systemd-nspawn@box");
      const wrong = async () => {
        const { server, rootfs, mounts } = base();
        new nspawn.BindMount("link", { host: server, source: "/srv/link/file", target: "/x" });
        new nspawn.BindMount("missing", { host: server, source: "/srv/missing", target: "/x" });
        const unmappable = new nspawn.BindMount("unmappable", {
          host: server,
          source: "/on-overlay",
          target: "/x",
        });
        new nspawn.NspawnMachine("box", { rootfs, mounts: [...mounts, unmappable] });
        // There is no such root: the mounts are checked first.
        const other = (name: string, mount: nspawn.MountInput) =>
          new nspawn.NspawnMachine(name, {
            rootfs: { id: `${name}@1`, name, host: { connection: connectionTo(host, "ops") } },
            mounts: [mount],
          });
        other("layer", { overlay: ["/srv/low", "/srv/gone"], target: "/x", readOnly: true });
        other("reachable", new nspawn.BindMount("reachable", { host: server, source: "/srv/low", target: "/x" }));
      };
      const { ok, text } = await stack.up(wrong, { continueOnError: true });
      expect(ok).toBe(false);
      expect(text).toMatch(
        /could not mount the source "\/srv\/link\/file" on ops@.*: .*others than root can change \/srv\/link .*"\/srv\/shared\/file"/,
      );
      expect(text).toMatch(
        /could not start the machine "reachable" on .*: users of the host can reach \/srv\/low, .*setuid.*`exposeHost: true`/,
      );
      expect(text).toMatch(/could not mount the source "\/srv\/missing" on .*: the source \/srv\/missing is not there/);
      expect(text).toMatch(
        /could not start the machine "box" on .*\/on-overlay cannot be mapped.* it is on overlay.*`ownership: "none"`.*`privateUsers: false`/,
      );
      expect(text).toMatch(/could not start the machine "layer" on .*the source \/srv\/gone is not there/);
      expect(await host.sh("systemctl show -p InvocationID --value systemd-nspawn@box")).toBe(before);
      expect((await stack.up(program())).text).not.toContain("error:");
      expect(await host.sh("systemctl show -p InvocationID --value systemd-nspawn@box")).toBe(before);
    });

    test("another mount is a restart, and the preview says so", async () => {
      const more = program([{ tmpfs: "/home/alice/cache" }]);
      expect((await stack.preview(more)).text).toMatch(/NspawnMachine box .*restart: mounts/);
      const changed = await stack.up(more);
      expect(changed.text).not.toContain("error:");
      expect(await inBox(host, "findmnt -n -o FSTYPE /home/alice/cache; cat /home/alice/user")).toBe("tmpfs\noutside");
    });

    test("outside changes are found by a refresh, and repaired", async () => {
      await host.sh("chown 5 /srv/homes/alice");
      expect((await stack.refresh()).changes).toMatchObject({ update: 1 });
      const repaired = await stack.up(program());
      expect(repaired.text).toMatch(/BindMount home .*repair: owner/);
      expect(await host.sh("stat -c %u /srv/homes/alice")).toBe("1000\n");
    });

    test("a source that a machine uses is not removed", async () => {
      const spool = JSON.parse(JSON.stringify((await stack.up(program())).outputs.spool));
      const { ok, text } = await stack.up(program([], spool));
      expect(ok).toBe(false);
      expect(text).toMatch(
        /could not remove the source "\/srv\/homes\/spool" on .*\/srv\/homes\/spool is mounted in box/,
      );
      expect(await host.sh("ls /srv/homes")).toBe("alice\nspool\n");
    });
  }

  test("destroy leaves directories with data, and removes empty ones", async () => {
    const gone = await stack.destroy();
    expect(gone.text).not.toContain("error:");
    expect(gone.text).toMatch(/warning: \/srv\/homes\/alice stays on ops@.*removeData/);
    expect(await owners("/srv/homes/alice")).toEqual(expect.arrayContaining(["given 1000", "root 0", "user 1000"]));
    expect(await host.sh("ls /srv/homes /srv/shared /srv/low /srv/top")).toBe(
      "/srv/homes:\nalice\n\n/srv/low:\none\ntwo\n\n/srv/shared:\nfile\n\n/srv/top:\ntwo\n",
    );
    // What has data keeps a record of whose it is, for the next run of the same program.
    expect(await host.sh("ls /var/lib/pulumi-nspawn")).toBe("sources\n");
  });
});
