import fc from "fast-check";
import { changes, label } from "../../../provider/dynamic/diff";
import { difference } from "../../../provider/host/drift";
import { carryOver, missingLines, readopted } from "../../../provider/resources/nspawn-machine/adopted-changes";
import { type Adopted, adoptedFile } from "../../../provider/resources/nspawn-machine/adopted-file";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
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
const adoptedWith = (text: string, given: string[], more: Partial<Adopted> = {}): Adopted => ({
  text,
  running: true,
  autostart: true,
  given,
  taken: [],
  without: [],
  ...more,
});
const filesOf = (inputs: Record<string, unknown>, text = HAND_MADE, more: Partial<Adopted> = {}) =>
  machineFiles(
    machineInputs.parse({ ...base, ...inputs, adopted: adoptedWith(text, Object.keys(inputs).sort(), more) }),
  );
const file = (inputs: Record<string, unknown>, text = HAND_MADE, more: Partial<Adopted> = {}) =>
  filesOf(inputs, text, more).files.restart.get("/etc/systemd/nspawn/web.nspawn")?.text;
/** The lines that go and come. */
const patch = (inputs: Record<string, unknown>, text = HAND_MADE, more: Partial<Adopted> = {}) =>
  difference(text, file(inputs, text, more) ?? "");

test("if the program says nothing, or the same, the file stays exactly as it is", () => {
  expect(file({})).toBe(HAND_MADE);
  expect(file({ hostname: "mydebian" })).toBe(HAND_MADE);
  expect(file({}, "")).toBeUndefined();
});

test("inputs of the program replace what was there, in its place, and nothing else changes", () => {
  expect(file({ hostname: "other", privateUsers: false })).toBe(
    HAND_MADE.replace("Hostname=mydebian\n", "Hostname=other\nPrivateUsers=no\n"),
  );
  expect(patch({ networks: ["none"] })).toBe("-Bridge=br0\n+Private=yes\n+VirtualEthernet=no");
});

test("what inputs list comes to what the file lists, and only what they name is replaced", () => {
  const mount = (target: string) => ({ tmpfs: target });
  expect(patch({ mounts: [mount("/scratch")] })).toBe("+TemporaryFileSystem=/scratch:mode=0755");
  expect(patch({ mounts: [mount("/projects")] })).toBe(
    "-Bind=/home/kingpin/projects:/projects\n+TemporaryFileSystem=/projects:mode=0755",
  );
  const text =
    '# mine\n[Exec]\nEnvironment=A=1 "B=b b"\n# of C\nEnvironment=C=3\nCapability=CAP_NET_ADMIN CAP_SYS_NICE\n';
  expect(file({ environment: { EXTRA: "1" } }, text)).toBe(`${text}Environment=EXTRA=1\n`);
  expect(patch({ environment: { A: "2" } }, text)).toBe(
    '-Environment=A=1 "B=b b"\n+Environment="B=b b"\n+Environment=A=2',
  );
  expect(patch({ capabilities: ["CAP_SYS_TIME"] }, text)).toBe("+Capability=CAP_SYS_TIME");
});

test("lists that say the same in other lines change nothing", () => {
  const text = "[Exec]\nEnvironment=A=1 B=2\nCapability=CAP_NET_ADMIN CAP_SYS_NICE\n";
  expect(file({ environment: { A: "1", B: "2" } }, text)).toBe(text);
  expect(file({ capabilities: ["CAP_NET_ADMIN", "CAP_SYS_NICE"] }, text)).toBe(text);
});

test("what the program once named goes when it no longer does, and comes back if the input goes", () => {
  const text = "[Exec]\nEnvironment=A=1\nEnvironment=B=2\n";
  const given = ["environment"];
  const first = carryOver(adoptedWith(text, []), given, { ...base, environment: { A: "1" } });
  expect(first.adopted.taken).toEqual(["environment A", "environment [Exec] Environment=A=1"]);
  const second = carryOver(first.adopted, given, { ...base, environment: {} });
  expect(second.adopted.taken).toEqual(first.adopted.taken);
  expect(patch({ environment: {} }, text, second.adopted)).toBe("-Environment=A=1");
  expect(patch({}, text, { ...second.adopted, given: [] })).toBe("");
});

test("a machine of one's own is adopted as it is, and its lines go with the input that wrote them", () => {
  const spec = { host: "web1:22", id: "x@1", network: "dev", mode: "isolated", dhcp: false, dns: "host", apart: false };
  const networks = [{ veth: { ...spec, subnet: "10.77.1.0/24", address: "10.77.1.5" } }];
  const mounts = [{ bind: { host: "web1:22", id: "p@1", source: "/srv/a", target: "/srv/b" } }];
  const own = machineFiles(machineInputs.parse({ ...base, networks, mounts })).files.restart;
  const text = own.get("/etc/systemd/nspawn/web.nspawn")?.text ?? "";
  expect(text).toContain("BindReadOnly=/etc/systemd/nspawn/web.host0.network");
  for (const inputs of [{ networks }, { networks, mounts }, { mounts }]) expect(file(inputs, text)).toBe(text);
  const given = ["networks"];
  const { adopted } = carryOver(adoptedWith(text, []), given, { ...base, networks });
  expect(patch({ networks: ["none"] }, text, adopted)).toBe(
    "-BindReadOnly=/etc/systemd/nspawn/web.host0.network:/etc/systemd/network/70-host0.network\n-VirtualEthernet=yes\n+Private=yes\n+VirtualEthernet=no",
  );
});

test("a variable after a reset of the file is written after it", () => {
  const text = "[Exec]\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\n";
  expect(file({ environment: { A: "3" } }, text)).toBe("[Exec]\nEnvironment=\nEnvironment=B=2\nEnvironment=A=3\n");
});

test("lines that the program leaves out go for good, and a line that is not there is refused", () => {
  const text = "[Exec]\nKillSignal=SIGUSR2 # stop\nBoot=yes\n";
  const adopt = { without: ["KillSignal=SIGUSR2 # stop"] };
  const carried = carryOver(adoptedWith(text, []), ["adopt"], { ...base, adopt });
  expect(patch({}, text, carried.adopted)).toBe("-KillSignal=SIGUSR2 # stop");
  expect(carryOver(carried.adopted, ["adopt"], base).adopted.without).toEqual(adopt.without);
  expect(patch({}, text, { without: ["KillSignal"] })).toBe("-KillSignal=SIGUSR2 # stop");
  expect(missingLines(adoptedWith(text, [], { without: ["KillSignal=SIGUSR2"] }))).toEqual([
    'adopt.without: "KillSignal=SIGUSR2" is no line of the .nspawn file that was adopted. Its lines: ' +
      '"KillSignal=SIGUSR2 # stop", "Boot=yes".',
  ]);
});

test("the lines that are ours are known by their numbers", () => {
  const lines = (inputs: Record<string, unknown>) => filesOf(inputs).ownLines;
  expect(lines({})).toEqual([]);
  expect(lines({ hostname: "other" })).toEqual([4]);
  expect(lines({ environment: { A: "1" }, mounts: [{ tmpfs: "/x" }] })).toEqual([5, 13]);
  expect(machineFiles(machineInputs.parse(base)).ownLines).toBeUndefined();
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
  fc.assert(fc.property(text, (whole) => adoptedFile(adoptedWith(whole, []), []).text === whole));
});

describe("a change of what an adopted machine has", () => {
  const state = (inputs: Record<string, unknown>, given: string[]) =>
    machineInputs.parse({ ...base, ...inputs, adopted: adoptedWith(HAND_MADE, given) });
  const labelOf = (news: Record<string, unknown>, given: string[]) => {
    const olds = state({}, []);
    return label(changes(machineHandler, olds, state(news, given)), olds);
  };

  test("has the effect of the files that differ", () => {
    expect(labelOf({ limits: { memory: "300MiB" } }, ["limits"])).toBe("live: limits");
    expect(labelOf({ hostname: "other" }, ["hostname"])).toBe("restart: hostname");
    expect(labelOf({ environment: {} }, ["environment"])).toBe("restart: environment");
  });

  test("is named by itself if a program says what is the default here, and not in the file", () => {
    const before = machineInputs.parse({
      ...base,
      adopted: adoptedWith("[Exec]\nPrivateUsers=no\n", []),
    });
    const after = { ...before, adopted: { ...before.adopted, given: ["privateUsers"] } };
    expect(label(changes(machineHandler, before, after), before)).toBe("restart: adopted");
  });

  test("is shown as a patch in each preview, but for secrets", () => {
    const before = state({}, []);
    const found = { ...before.adopted };
    const inputs = state({ hostname: "other" }, []);
    expect(readopted(found, ["hostname"], inputs, before).notes).toEqual([
      "/etc/systemd/nspawn/web.nspawn changes:\n-Hostname=mydebian\n+Hostname=other",
    ]);
    expect(readopted(found, [], before, before).notes).toEqual([]);
    const hidden = { ...inputs, __secret: ["hostname"] };
    expect(readopted(found, ["hostname"], hidden, before).notes).toEqual(["/etc/systemd/nspawn/web.nspawn changes"]);
  });

  test("is refused if it leaves out a line that the file does not have", () => {
    const before = state({}, []);
    const inputs = { ...before, adopt: { without: ["Hostnam"] } };
    expect(readopted({ ...before.adopted }, ["adopt"], inputs, before).refusals).toEqual([
      expect.stringContaining('"Hostnam" is no line'),
    ]);
  });
});
