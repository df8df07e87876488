import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
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
    const renamed = await stack.up(program({ hostname: "other" }));
    expect(renamed.text).not.toContain("error:");
    const entries = (text: string) =>
      text
        .split("\n")
        .filter((line) => /^[^#]/.test(line))
        .sort();
    const text = await host.sh("cat /etc/systemd/nspawn/mydebian.nspawn");
    expect(entries(text)).toEqual(entries(SETTINGS.replace("Hostname=kingpin", "Hostname=other")));
    expect(Object.keys((await stack.up(program({ hostname: "other" }))).changes)).toEqual(["same"]);
  });

  test("the program that is generated from a host adopts its machines and changes nothing", async () => {
    await host.sh("cp -a /var/lib/machines/mydebian /var/lib/machines/second && machinectl enable second");
    // Like a user whose ssh_config knows the host.
    const programs = join(stack.directory, "bin");
    await putSshInto(programs, host.sshConfigFile);
    const printed = await tryCommand("npm", ["run", "--silent", "adopt", "--", host.name], {
      cwd: root,
      env: { ...process.env, PATH: [programs, process.env.PATH].join(delimiter) },
    });
    expect(printed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(printed.stdout).toContain('new nspawn.NspawnMachine(\n  "second"');
    expect(printed.stdout).not.toContain('"mydebian"');
    const file = join(stack.directory, "adopting.ts");
    await writeFile(
      file,
      printed.stdout.replace(`connection: "${host.name}"`, `connection: ${JSON.stringify(connectionTo(host))}`),
    );
    const stateBefore = await host.sh("systemctl is-active systemd-nspawn@second || :; ls -la /etc/systemd/nspawn");
    const other = await Stack.create("adopting");
    try {
      const run = await other.up(async () => import(file));
      expect(run.text).not.toContain("error:");
      expect(run.changes).toMatchObject({ create: 4 });
      expect(await host.sh("systemctl is-active systemd-nspawn@second || :; ls -la /etc/systemd/nspawn")).toBe(
        stateBefore,
      );
      const again = await other.refresh();
      expect(Object.keys(again.changes)).toEqual(["same"]);
    } finally {
      await other.dispose();
    }
  });
});
