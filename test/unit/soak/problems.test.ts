import { expectedFacts } from "../../soak/expected";
import { emptyHost } from "../../soak/model";
import { observedFacts } from "../../soak/observed";
import { problemsOf } from "../../soak/problems";
import { noFiles, type UserFiles } from "../../soak/survivors";
import { box, full } from "./support";

const marker = (file: string, fields: Readonly<Record<string, string>>) =>
  `marker ${file} ${JSON.stringify({ acknowledged: "yes", ...fields })}`;

const facts = [
  marker("networks/net1.json", {}),
  marker("rootfs/box1@x7k2m9pq.json", {}),
  marker("sources/85f8.json", { path: "/srv/soak/data1-one" }),
  marker("machines/box1.json", {}),
  marker("provisions/sd2tvv53.json", { machine: "box1" }),
  "image box1",
  "content box1 one",
  "running box1",
  "memory box1 314572800",
  "tasks box1 16384",
  "stage box1 one",
  "mounted box1 data1 rw",
  "port net1.box1 8110",
  "enabled box1",
  "provisioned box1 two",
  "step box1 three",
  "kept /var/lib/machines/box1/root/kept",
  "kept /srv/soak/data1-one/kept",
];
const files: UserFiles = { roots: ["box1"], sources: ["/srv/soak/data1-one"] };
const baseline = ["unit ssh.service active running"];

const judge = (lines: readonly string[], more: readonly string[] = [], host = full, kept = files) =>
  problemsOf(host, kept, { facts: `${lines.join("\n")}\n`, census: [...baseline, ...more], baseline });
const without = (line: string) => facts.filter((one) => one !== line);

test("a host that has what the program declares has no problem", () => {
  expect(judge(facts)).toEqual([]);
  expect(judge([], [], emptyHost(), noFiles)).toEqual([]);
});

test("what differs is missing as it should be, and an orphan as it is", () => {
  expect(judge(facts.map((line) => line.replace("stage box1 one", "stage box1 two")))).toEqual([
    "missing: stage box1 one",
    "orphan: stage box1 two",
  ]);
});

test("a user's file that is gone is lost", () => {
  expect(judge(without("kept /srv/soak/data1-one/kept"))).toEqual(["lost: /srv/soak/data1-one/kept"]);
});

test("two generations of a root, and what nobody acknowledged, are no agreement", () => {
  expect(judge([...facts, marker("rootfs/box1@abcdefgh.json", {})])).toEqual(["orphan: root box1"]);
  expect(judge([...facts, marker("networks/net2.json", { acknowledged: "no" })])).toEqual([
    "orphan: network net2 (never acknowledged)",
  ]);
});

test("a directory stays with its file, and with a marker", () => {
  const stayed = { path: "/srv/soak/data1-one", kept: "yes" };
  const left = [marker("sources/85f8.json", stayed), "kept /srv/soak/data1-one/kept"];
  const census = ["file /srv/soak/data1-one 755 root:root d ", "content /var/lib/pulumi-nspawn/sources/HEX.json: {}"];
  const kept = { roots: [], sources: files.sources };
  expect(judge(left, census, emptyHost(), kept)).toEqual([]);
  expect(judge(left, [...census, "link ve-box1"], emptyHost(), kept)).toEqual(["orphan: link ve-box1"]);
});

test("what names a resource that no program declares is an orphan", () => {
  const { box1: _, ...machines } = full.machines;
  const host = { ...full, machines, provisions: {} };
  const expected = observedFacts(expectedFacts(host, []).join("\n"));
  const left = [
    "unit systemd-nspawn@box1.service failed failed",
    "file /etc/systemd/nspawn/box1.nspawn 600 root:root f ",
    "file /etc/pulumi-nspawn/nftables/60-net1.box1.nft 644 root:root f ",
    "runtime /run/pulumi-nspawn/started/box1 f",
  ];
  const kept = { roots: [], sources: [] };
  expect(judge(expected, [...left, "image .#box1.lck f"], host, kept)).toEqual(left.map((line) => `orphan: ${line}`));
});

test("the same lines are no orphans of a machine that is declared", () => {
  expect(judge(facts, ["file /etc/systemd/nspawn/box1.nspawn 600 root:root f ", "link ve-box1"])).toEqual([]);
});

test("work that should have ended, and parts of a root, are orphans", () => {
  for (const line of [
    "process sh -c sleep 99",
    "unit pulumi-nspawn-base-x.service active running",
    "image .pulumi-box1.ID d",
    "cached HEX.part d",
  ])
    expect(judge(facts, [line])).toEqual([`orphan: ${line}`]);
  for (const line of ["unit pulumi-nspawn-nftables.service active exited", "lock systemd-nspawn OFDLCK WRITE /x"])
    expect(judge(facts, [line])).toEqual([]);
});

test("what was done in a machine stays when nothing does it any more", () => {
  const rest = facts.filter((line) => !line.startsWith("marker provisions/"));
  expect(judge(rest, [], { ...full, provisions: {} })).toEqual([]);
});

test("a machine that is not to run has neither limits nor mounts, and an ephemeral one has a copy of its root", () => {
  const stopped = expectedFacts({ ...full, machines: { box1: { ...box, running: false } } }, []);
  expect(stopped.filter((line) => /^(running|memory|stage|mounted|snapshot)/.test(line))).toEqual([]);
  const copy = { ...full, machines: { fly1: { ...box, ephemeral: true } } };
  expect(expectedFacts(copy, [])).toContain("snapshot");
});
