import { adoptingProgram } from "../../../provider/adoption/program";
import type { Adoptable } from "../../../provider/host/adoptable";

const debian = {
  osRelease: { id: "debian", prettyName: "Debian GNU/Linux 12 (bookworm)", versionId: "12", codename: "bookworm" },
  packages: new Map(),
};
const machine = (name: string, more: Partial<Adoptable> = {}): Adoptable => ({
  name,
  root: debian,
  elsewhere: undefined,
  settings: undefined,
  running: true,
  autostart: true,
  owners: [],
  ...more,
});

test("what inputs can express becomes inputs, and the rest is named as staying", () => {
  const text = `[Exec]\nBoot=yes\nHostname=www\nEnvironment="A=it's 1" B=2\nPrivateUsers=no\n\n[Network]\nBridge=br0\n\n[Files]\nBind=/srv:/srv\n`;
  const settings = { path: "/etc/systemd/nspawn/mydebian.nspawn", text };
  expect(adoptingProgram("ssh://ops@web1.example.com", [machine("mydebian", { settings })])).toMatchInlineSnapshot(`
"// What is on the host now. The first preview shows that adopting it changes nothing; \`protect\` keeps a destroy from removing it.
import * as nspawn from "pulumi-nspawn";

const host = new nspawn.Host("web1.example.com", { connection: "ssh://ops@web1.example.com" });

// Debian GNU/Linux 12 (bookworm)
const mydebianRoot = new nspawn.DebianRootfs("mydebian", { host, suite: "bookworm", adopt: true }, { protect: true });
// Stays as it is in the .nspawn file, because no input here sets it:
//   [Network] Bridge=br0
//   [Files] Bind=/srv:/srv
export const mydebianMachine = new nspawn.NspawnMachine(
  "mydebian",
  { rootfs: mydebianRoot, hostname: "www", privateUsers: false, environment: { A: "it's 1", B: '2' }, adopt: true },
  { protect: true },
);
"
`);
});

test("a stopped machine stays stopped, and names that are no identifiers are converted", () => {
  const stopped = { running: false, autostart: false };
  expect(adoptingProgram("web1", [machine("9-lives.old", stopped), machine("9.lives-old")])).toMatchInlineSnapshot(`
"// What is on the host now. The first preview shows that adopting it changes nothing; \`protect\` keeps a destroy from removing it.
import * as nspawn from "pulumi-nspawn";

const host = new nspawn.Host("web1", { connection: "web1" });

// Debian GNU/Linux 12 (bookworm)
const _9LivesOldRoot = new nspawn.DebianRootfs("9-lives.old", { host, suite: "bookworm", adopt: true }, { protect: true });
export const _9LivesOldMachine = new nspawn.NspawnMachine(
  "9-lives.old",
  { rootfs: _9LivesOldRoot, running: false, autostart: false, adopt: true },
  { protect: true },
);

// Debian GNU/Linux 12 (bookworm)
const _9LivesOldRoot2 = new nspawn.DebianRootfs("9.lives-old", { host, suite: "bookworm", adopt: true }, { protect: true });
export const _9LivesOldMachine2 = new nspawn.NspawnMachine(
  "9.lives-old",
  { rootfs: _9LivesOldRoot2, adopt: true },
  { protect: true },
);
"
`);
});

test("keys of systemd.nspawn(5) become settings if they mean the same", () => {
  const text =
    "[Exec]\nNoNewPrivileges=yes\nLimitNOFILE=1024:4096\nLinkJournal=no\nDropCapability=CAP_SYS_TIME\nOdd=1\n[Network]\nVirtualEthernet=yes\n";
  const settings = { path: "/etc/systemd/nspawn/web.nspawn", text };
  expect(adoptingProgram("local", [machine("web", { settings })])).toMatchInlineSnapshot(`
"// What is on the host now. The first preview shows that adopting it changes nothing; \`protect\` keeps a destroy from removing it.
import * as nspawn from "pulumi-nspawn";

const host = new nspawn.Host("local", { connection: "local" });

// Debian GNU/Linux 12 (bookworm)
const webRoot = new nspawn.DebianRootfs("web", { host, suite: "bookworm", adopt: true }, { protect: true });
// Stays as it is in the .nspawn file, because no input here sets it:
//   [Exec] Odd=1
//   [Network] VirtualEthernet=yes
export const webMachine = new nspawn.NspawnMachine(
  "web",
  { rootfs: webRoot, settings: { Exec: { NoNewPrivileges: true, LimitNOFILE: '1024:4096', LinkJournal: 'no', DropCapability: [ 'CAP_SYS_TIME' ] } }, adopt: true },
  { protect: true },
);
"
`);
});

test("what cannot be adopted is named with the reason", () => {
  const fedora = { ...debian, osRelease: { id: "debian", prettyName: "Fedora", versionId: "43", codename: "" } };
  const text = adoptingProgram("local", [machine("bad_name"), machine("fedora", { root: fedora })]);
  expect(text).toMatch(/"bad_name" is left out: a machine cannot have that name: it has an underscore/);
  const text2 = adoptingProgram("local", [
    machine("far", { root: undefined, elsewhere: "/var/lib/machines/far is a symbolic link to /opt/far, and so on" }),
    machine("near", { settings: { path: "/var/lib/machines/near.nspawn", text: "" } }),
    machine("broken", { settings: { path: "/etc/systemd/nspawn/broken.nspawn", text: "[Exec\n" } }),
  ]);
  expect(text2).toContain('"far" is left out: /var/lib/machines/far is a symbolic link to /opt/far, and so on.');
  expect(text2).toMatch(/"near" is left out: .* does not trust .*: sudo mv \S+ \/etc\/systemd\/nspawn\/\.\n/);
  expect(text2).toMatch(
    /"broken" is left out: systemd-nspawn cannot read \S+broken.nspawn: .* is not a section header/,
  );
  expect(text).toMatch(/"fedora" is left out: it is not a known Debian release/);
});

test.each([
  "[Exec]\nNotifyReady=yes\n",
  "[Network]\nMACVLAN=eth9\n",
  "[Network]\nInterface=eth8\nInterface=eth9\n",
  "[Network]\nIPVLAN=eth9\n",
])("what would add a file, and so restart the machine, stays a line of the file: %j", (text) => {
  const settings = { path: "/etc/systemd/nspawn/web.nspawn", text };
  const program = adoptingProgram("local", [machine("web", { settings })]);
  expect(program).toContain("{ rootfs: webRoot, adopt: true }");
  for (const [, line] of text.matchAll(/^(\w+=.*)$/gm)) expect(program).toContain(`] ${line}\n`);
});

test("capabilities in one line become an input", () => {
  const text = "[Exec]\nCapability=CAP_NET_ADMIN CAP_SYS_NICE\n";
  const settings = { path: "/etc/systemd/nspawn/web.nspawn", text };
  expect(adoptingProgram("local", [machine("web", { settings })])).toContain(
    "capabilities: [ 'CAP_NET_ADMIN', 'CAP_SYS_NICE' ]",
  );
});

test("the name that a guest gives itself stays in its comment", () => {
  const hostile = { ...debian, osRelease: { ...debian.osRelease, prettyName: "a\nprocess.exit()\u2028x" } };
  expect(adoptingProgram("local", [machine("web", { root: hostile })])).toContain("// a process.exit() x\n");
});

test("characters that are not seen are escapes, in strings and in comments", () => {
  const settings = {
    path: "/etc/systemd/nspawn/box.nspawn",
    text: "[Exec]\nBoot=yes\nHostname=a\u202eb\nUser=c\u202ed\n",
  };
  const osRelease = { ...debian.osRelease, prettyName: "Debian \u001b[31m\u202e12" };
  const program = adoptingProgram("ssh://ops@web1", [machine("box", { settings, root: { ...debian, osRelease } })]);
  expect(program).toMatch(/^[ -~\n]*$/);
  expect(program).toContain("\\u202e");
});
