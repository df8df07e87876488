import fc from "fast-check";
import { adoptedFile } from "../../../provider/resources/nspawn-machine/adopted-file";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";

const HAND_MADE = `# mine
[Exec]
Boot=yes
Hostname=mydebian

[Network]
Bridge=br0

[Files]
Bind=/home/kingpin/projects:/projects
BindReadOnly=/etc/localtime:/etc/localtime
`;

const base = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1", adopt: true };
const file = (inputs: Record<string, unknown>, text = HAND_MADE) => {
  const adopted = { text, running: true, autostart: true, given: Object.keys(inputs) };
  const { files } = machineFiles(machineInputs.parse({ ...base, ...inputs, adopted }));
  return files.restart.get("/etc/systemd/nspawn/web.nspawn")?.text;
};

test("if the program says nothing, or the same, the file stays exactly as it is", () => {
  expect(file({})).toBe(HAND_MADE);
  expect(file({ hostname: "mydebian" })).toBe(HAND_MADE);
  expect(file({}, "")).toBeUndefined();
});

test("inputs of the program replace what was there, and nothing else changes", () => {
  expect(file({ hostname: "other", privateUsers: false })).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Exec]
Boot=yes
Hostname=other
PrivateUsers=no

[Network]
Bridge=br0

[Files]
Bind=/home/kingpin/projects:/projects
BindReadOnly=/etc/localtime:/etc/localtime
"
`);
  expect(file({ networks: ["none"] })).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Exec]
Boot=yes
Hostname=mydebian

[Files]
Bind=/home/kingpin/projects:/projects
BindReadOnly=/etc/localtime:/etc/localtime

[Network]
Private=yes
VirtualEthernet=no
"
`);
});

test("our first line keeps the link of the unit, which a file without network keys would break", () => {
  expect(file({ hostname: "other" }, "")).toContain("[Network]\nVirtualEthernet=yes\n");
});

test("any file in systemd's syntax stays as it is if no input changes it", () => {
  const line = fc.constantFrom(
    "Boot=yes",
    "# note",
    "",
    "  Hostname = a ",
    "Bind=/a\\:b:/c",
    "Environment=A=1 \\",
    "X-Mine=1",
  );
  const section = fc
    .tuple(fc.constantFrom("[Exec]", "[Files]", "[Network]"), fc.array(line))
    .map(([head, body]) => [head, ...body]);
  const text = fc.array(section, { minLength: 1 }).map((sections) => `${sections.flat().join("\n")}\n`);
  fc.assert(fc.property(text, (whole) => adoptedFile(whole, [], []) === whole));
});
