import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import * as nspawn from "../../index";
import { tryCommand } from "../../scripts/tools/command";
import { patientDebootstrap } from "../support/by-hand";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import { root } from "../support/root";
import { putSshInto } from "../support/ssh/wrapper";
import { Stack } from "../support/stack";

const SETTINGS = `# made by hand
[Exec]
Boot=yes
Hostname=kingpin

[Files]
Bind=/srv/projects:/projects
BindReadOnly=/etc/hostname:/host-name

[Network]
VirtualEthernet=yes
`;

/** As done by hand: debootstrap, a hand-written .nspawn file, machinectl enable and start. */
const BY_HAND = `
set -e
${patientDebootstrap}
mkdir -p /srv/projects /etc/systemd/nspawn
debootstrap --variant=minbase --include=systemd-sysv,dbus,libpam-systemd,iproute2 trixie /var/lib/machines/mydebian
rm -rf /var/lib/machines/mydebian/dev/*
printf '%s' '${SETTINGS}' >/etc/systemd/nspawn/mydebian.nspawn
machinectl enable mydebian
machinectl start mydebian
until systemctl -M mydebian is-system-running 2>/dev/null | grep -qE 'running|degraded'; do sleep 0.2; done
`;

const SECOND = `# of another person
[Exec]
NotifyReady=yes
KillSignal=SIGUSR2 # stop
Environment=A=1
Environment=B=2

[Files]
Bind=/srv/projects
BindReadOnly=/etc/hostname:/host-name
TemporaryFileSystem=/scratch
`;

/** As the program that is printed for it says it. */
const ENVIRONMENT = "environment: { A: '1', B: '2' }, adopt: true }";

const SECOND_BY_HAND = `
cp -a /var/lib/machines/mydebian /var/lib/machines/second
printf '%s' '${SECOND}' >/etc/systemd/nspawn/second.nspawn
machinectl enable second
machinectl start second
mkdir -p /opt/far /var/lib/machines/near/usr/lib
ln -s /opt/far /var/lib/machines/far
touch /var/lib/machines/disk.raw
cp /usr/lib/os-release /var/lib/machines/near/usr/lib
printf '[Exec]\\nBoot=yes\\n' >/var/lib/machines/near.nspawn
`;

const SETTLED =
  "cat /etc/systemd/nspawn/mydebian.nspawn; find /etc/systemd /var/lib/machines/mydebian/etc -type f | sort; machinectl show mydebian -p Leader";

describe("a machine made by hand", () => {
  let host: TestHost;
  let stack: Stack;
  let before: string;

  beforeAll(async () => {
    host = await up({ name: "adoption", suite: "trixie" });
    await host.sh(BY_HAND);
    before = await host.sh(SETTLED);
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const program =
    (machine: Partial<nspawn.NspawnMachineArgs> = {}, adopt: boolean | undefined = true) =>
    async () => {
      const rootfs = new nspawn.DebianRootfs("mydebian", { host: { connection: connectionTo(host) }, adopt });
      const { state, bootId } = new nspawn.NspawnMachine("mydebian", { rootfs, adopt, ...machine });
      return { state, bootId };
    };

  test("a preview says that adopting it changes nothing, and changes nothing itself", async () => {
    const preview = await stack.preview(program());
    expect(preview.text).toMatch(
      /adopt: \/var\/lib\/machines\/mydebian is Debian GNU\/Linux 13 \(trixie\); nothing in it changes/,
    );
    expect(preview.text).toContain("adopt: nothing changes");
    expect(await host.sh(SETTLED)).toBe(before);
  });

  test("a preview shows what the program would change, as a patch", async () => {
    const preview = await stack.preview(program({ hostname: "other", running: false }));
    expect(preview.text).toMatch(/adopt: restart: \/etc\/systemd\/nspawn\/mydebian\.nspawn changes:/);
    expect(preview.text).toMatch(/-Hostname=kingpin[\s\S]*\+Hostname=other/);
    expect(preview.text).toContain("adopt: it is stopped");
    expect(await host.sh(SETTLED)).toBe(before);
  });

  test("a suite other than the root's is refused in the preview", async () => {
    const refused = await stack.preview(async () => {
      new nspawn.DebianRootfs("mydebian", { host: { connection: connectionTo(host) }, adopt: true, suite: "bookworm" });
    });
    expect(refused.ok).toBe(false);
    expect(refused.text).toMatch(/suite: \/var\/lib\/machines\/mydebian is trixie, not bookworm/);
  });

  test("up adopts it without touching it, and then there is nothing to do", async () => {
    const run = await stack.up(program());
    expect(run.text).not.toContain("error:");
    expect(await host.sh(SETTLED)).toBe(before);
    expect(Object.keys((await stack.up(program())).changes)).toEqual(["same"]);
    expect(Object.keys((await stack.refresh()).changes)).toEqual(["same"]);
    await stack.up(program({}, undefined));
    expect(await host.sh(SETTLED)).toBe(before);
  });

  test("a later edit of the program changes only what it names", async () => {
    const limited = await stack.preview(program({ limits: { memory: "300MiB" } }));
    expect(limited.text).toContain("live: limits");
    expect(limited.text).not.toContain("restart");
    const shown = await stack.preview(program({ hostname: "other" }));
    expect(shown.text).toMatch(/mydebian\.nspawn changes:\s+-Hostname=kingpin\s+\+Hostname=other/);
    const renamed = await stack.up(program({ hostname: "other" }));
    expect(renamed.text).not.toContain("error:");
    expect(await host.sh("cat /etc/systemd/nspawn/mydebian.nspawn")).toBe(
      SETTINGS.replace("Hostname=kingpin", "Hostname=other"),
    );
    expect(Object.keys((await stack.up(program({ hostname: "other" }))).changes)).toEqual(["same"]);
  });

  describe("and its host's other ones", () => {
    let other: Stack;
    let printed: string;
    let programs = 0;
    const leader = () => host.sh("machinectl show second -p Leader; cat /etc/systemd/nspawn/second.nspawn");

    /** The program that was printed, with other inputs of the machine. */
    async function printedWith(inputs = ENVIRONMENT): Promise<PulumiFn> {
      programs += 1;
      const file = join(stack.directory, `adopting${programs}.ts`);
      const text = printed
        .replace(`connection: "${host.name}"`, `connection: ${JSON.stringify(connectionTo(host))}`)
        .replace(ENVIRONMENT, inputs);
      await writeFile(file, text);
      return () => import(file);
    }

    beforeAll(async () => {
      await host.sh(SECOND_BY_HAND);
      // Like a user whose ssh_config knows the host.
      const bin = join(stack.directory, "bin");
      await putSshInto(bin, host.sshConfigFile);
      const run = await tryCommand("npm", ["run", "--silent", "adopt", "--", host.name], {
        cwd: root,
        env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) },
      });
      expect(run).toMatchObject({ exitCode: 0, stderr: "" });
      printed = run.stdout;
      other = await Stack.create("adopting");
    });

    afterAll(() => other.dispose());

    test("are in the program that is generated, or are named with the reason why not", () => {
      expect(printed).toContain('new nspawn.NspawnMachine(\n  "second"');
      expect(printed).not.toContain('"mydebian"');
      expect(printed).toContain('// "far" is left out: /var/lib/machines/far is a symbolic link to /opt/far');
      expect(printed).toContain('// "disk" is left out: its root is the disk image /var/lib/machines/disk.raw');
      expect(printed).toMatch(/\/\/ "near" is left out: .*sudo mv \/var\/lib\/machines\/near\.nspawn/);
      expect(printed).toContain("//   [Exec] NotifyReady=yes\n//   [Exec] KillSignal=SIGUSR2 # stop\n");
    });

    test("are adopted by that program without a restart", async () => {
      const before = await leader();
      const run = await other.up(await printedWith());
      expect(run.text).not.toContain("error:");
      expect(run.changes).toMatchObject({ create: 4 });
      expect(await leader()).toBe(before);
      expect(Object.keys((await other.refresh()).changes)).toEqual(["same"]);
      const refused = await stack.preview(async () => {
        const rootfs = new nspawn.DebianRootfs("far", { host: { connection: connectionTo(host) }, adopt: true });
        return { id: rootfs.id };
      });
      expect(refused.text).toContain("adopt: /var/lib/machines/far is a symbolic link to /opt/far");
    });

    test("keep what their file lists if the program adds to it, with a warning of what systemd ignores", async () => {
      const more = 'environment: { A: "1", B: "2", EXTRA: "3" }, mounts: [{ tmpfs: "/fast" }], adopt: true }';
      const preview = await other.preview(await printedWith(more));
      expect(preview.text).toContain("+TemporaryFileSystem=/fast:mode=0755");
      expect(preview.text).not.toMatch(/^ *-(?:Bind|Environment|Temporary)/m);
      const run = await other.up(await printedWith(more));
      expect(run.text).not.toContain("error:");
      expect(run.text).toMatch(
        /ignores lines that the .nspawn file of the machine "second" had[\s\S]*second\.nspawn:4: /,
      );
      expect(await host.sh("cat /etc/systemd/nspawn/second.nspawn")).toBe(
        SECOND.replace("Environment=B=2\n", "Environment=B=2\nEnvironment=EXTRA=3\n").replace(
          "TemporaryFileSystem=/scratch\n",
          "TemporaryFileSystem=/scratch\nTemporaryFileSystem=/fast:mode=0755\n",
        ),
      );
      const seen =
        'systemd-run -qPM second sh -c \'tr "\\0" "\\n" </proc/1/environ; cat /host-name; findmnt -n /srv/projects; findmnt -n /fast\'';
      expect(await host.sh(seen)).toMatch(
        /A=1[\s\S]*B=2[\s\S]*EXTRA=3[\s\S]*adoption[\s\S]*\/srv\/projects[\s\S]*\/fast/,
      );
    });

    test("lose a line only if the program leaves it out", async () => {
      const run = await other.up(
        await printedWith(ENVIRONMENT.replace("true", '{ without: ["KillSignal=SIGUSR2 # stop"] }')),
      );
      expect(run.text).not.toContain("error:");
      expect(run.text).not.toContain("ignores lines");
      expect(await host.sh("cat /etc/systemd/nspawn/second.nspawn")).toBe(
        SECOND.replace("KillSignal=SIGUSR2 # stop\n", ""),
      );
    });
  });
});
