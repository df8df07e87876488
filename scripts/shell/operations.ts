import { noteOf, withdrawalOf } from "../../provider/host/acknowledgements";
import { adoptable, adoptables } from "../../provider/host/adoptable";
import type { OwnedFiles } from "../../provider/host/files";
import { identify } from "../../provider/host/identity";
import { inspectHost } from "../../provider/host/inventory";
import "../../provider/resources/all";
import { followUnit, payload, startUnit, stopUnit } from "../../provider/host/jobs/transient-unit-scripts";
import { answerLeftovers } from "../../provider/host/leftovers";
import { ensureMachine } from "../../provider/host/machines/ensure-machine";
import type { MachinePlan } from "../../provider/host/machines/machine-plan";
import { removeMachine } from "../../provider/host/machines/remove-machine";
import { forgetStaleLeases } from "../../provider/host/machines/stale-leases";
import { ensureSource } from "../../provider/host/mounts/ensure-source";
import { removeSource } from "../../provider/host/mounts/remove-source";
import {
  type Attachment,
  allocate,
  expectAttachment,
  lockNetworks,
  releaseAttachments,
  settleNetworks,
} from "../../provider/host/networks/attachments";
import {
  claimBridge,
  expectBridge,
  expectUnused,
  expectVlanFiltering,
  inspectUplink,
} from "../../provider/host/networks/bridges";
import type { NetworkChange } from "../../provider/host/networks/change";
import { armChange } from "../../provider/host/networks/change/arm";
import { confirmChange } from "../../provider/host/networks/change/confirm";
import { applyScript, rollbackScript } from "../../provider/host/networks/change/settle";
import { dockerScript } from "../../provider/host/networks/docker";
import { loopbackScript, settleLoopbackIfThere } from "../../provider/host/networks/loopback";
import { forgetLinks, reloadNetworkd } from "../../provider/host/networks/networkd";
import { expectTable } from "../../provider/host/networks/nft-table";
import { ensureNetwork, removeNetwork } from "../../provider/host/networks/veth-networks";
import type { Claim } from "../../provider/host/ownership";
import { prepareHost } from "../../provider/host/preparation";
import { inspectInside, provisionJob, removeProvision } from "../../provider/host/provision";
import { ensureText, inspectText, removeText } from "../../provider/host/provision/guest-plan";
import type { BaseSpec, ResolvedBase } from "../../provider/host/roots/base";
import { buildBase, discardBuild } from "../../provider/host/roots/bootstrap";
import { changeRoot, packageJob } from "../../provider/host/roots/change-root";
import { createRoot, type RootPlan } from "../../provider/host/roots/create-root";
import { type Customisation, customise } from "../../provider/host/roots/customise";
import { insideText } from "../../provider/host/roots/in-root";
import { removeRoot } from "../../provider/host/roots/remove-root";
import { sweepSnapshots } from "../../provider/host/roots/snapshots";
import { sh } from "../../provider/host/sh";
import { lines, type Script } from "../../provider/remote";
import { wrapScript } from "../../provider/remote/script/wrapper";
import { lookAtSource } from "../../provider/resources/attachments/exposure";
import { cleanUp } from "../../provider/resources/nspawn-machine/inputs/restart";
import { machineFiles } from "../../provider/resources/nspawn-machine/machine-files";
import { machineInputs } from "../../provider/resources/nspawn-machine/machine-inputs";
import type { Source } from "./lint";

const urn = "urn:pulumi:dev::p::pulumi-nodejs:nspawn:NspawnMachine::box";
const owner = "k3m7x2pq";
const claim: Claim = { owner, claimant: "x7k2x7k2", stack: "0123abcd", urn, fresh: true, adopt: false };
const known: Claim = { ...claim, fresh: false };

const files: OwnedFiles = {
  restart: new Map([["/etc/systemd/nspawn/box.nspawn", { text: "[Exec]\nHostname=it's $HOME\n" }]]),
  live: new Map([["/etc/systemd/network/70-ve-box.network", { text: "[Match]\n", mode: "0644", secret: true }]]),
};

const machine: MachinePlan = {
  name: "box",
  rootName: "box",
  generation: "a2b3c4d5",
  claim,
  files,
  overridable: { restart: ["DeviceAllow="], live: ["MemoryMax"] },
  ownLines: undefined,
  keepsUnitFile: false,
  needs: [{ what: "settings.Exec.SuppressSync", systemd: 250 }],
  locks: [lockNetworks],
  preflight: [
    sh`device_present ${"/dev/kvm"} rw`,
    sh`source_present ${"/srv/it's"}; source_mappable ${"/srv"}`,
    lookAtSource("/etc/localtime", false, { readOnly: true }),
    lookAtSource("/srv/it's", false, { readOnly: false }),
  ],
  afterWrite: [settleNetworks],
  beforeStart: [reloadNetworkd],
  running: true,
  autostart: true,
  waitFor: "networked",
  links: [{ guestInterface: "host0", address: "10.42.1.2" }],
  hostLinks: [{ interface: "vb-box", master: "vz-dev", addresses: ["10.42.1.1/32"], routes: ["10.42.1.2"] }],
  mounted: [{ source: "/srv/it's", target: "/srv" }],
  bootSeconds: 90,
};

/** Everything that inputs of a machine ask of its host. */
const everything = machineFiles(
  machineInputs.parse({
    host: { connection: { host: "web1" } },
    name: "box",
    rootName: "base",
    rootfs: "base@x7k2m9pq",
    ephemeral: true,
    limits: { cpus: 2 },
    devices: ["/dev/kvm"],
    requires: [{ unit: "its.service" }],
    settings: { Network: { MACVLAN: ["eth0"] } },
    mounts: [
      { bind: { host: "web1:22", id: "p@1", source: "/srv/it's", target: "/srv", ownership: "idmap" } },
      { overlay: ["/srv/lower", "/srv/upper"], target: "/opt" },
    ],
  }),
);

const spec: BaseSpec = {
  suite: "trixie",
  variant: "minbase",
  packages: ["nginx=1.26*"],
  components: ["main"],
  builder: "auto",
};

const base: ResolvedBase = {
  ...spec,
  key: "0123",
  arch: "amd64",
  builder: "mmdebstrap",
  keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
  sources: ["deb http://mirror.example/debian trixie main"],
};

const customisation: Customisation = {
  hostname: "box",
  locale: "de_DE.UTF-8",
  timezone: "Europe/Berlin",
  rootPassword: "it's secret",
  authorizedKeys: ["ssh-ed25519 AAAA me"],
  files: [{ path: "/etc/motd", content: "hello\n", mode: "0644", owner: "root", group: "root" }],
  setup: "apt-get update",
};

const root: RootPlan = {
  name: "box",
  claim,
  generation: "x7k2m9pq",
  base: spec,
  customisation,
  maxAgeDays: 7,
  birth: "0123abcd",
  replace: false,
};

const attachment: Attachment = {
  machine: "box",
  network: "dev",
  subnet: "10.42.1.0/24",
  bounds: { first: 170524928, last: 170525183 },
};

const network = {
  name: "dev",
  claim,
  files: files.live,
  subnet: attachment.subnet,
  bounds: attachment.bounds,
  subnet6: "fd00:1::/64",
  group: 4711,
  stub: "10.42.1.1",
  asksHost: true,
  bridge: { interface: "vz-dev", addresses: ["10.42.1.1/24"] },
};

const change: NetworkChange = {
  token: "t0k3n",
  bridge: "br0",
  uplink: "eth0",
  links: ["eth0"],
  netdev: "/etc/systemd/network/50-br0.netdev",
  network: "/etc/systemd/network/50-br0.network",
  files,
  manifest: "/var/lib/pulumi-nspawn/bridges/br0.files",
  marker: { path: "/var/lib/pulumi-nspawn/bridges/br0.json", text: "{}" },
  gatewayHasToAnswer: true,
  before: claimBridge("br0", claim),
};

const source = { path: "/srv/it's mine", claim };
const directory = { owner: "alice", group: 1000, mode: "0750" };

const guest = {
  users: [
    {
      name: "alice",
      uid: 1000,
      group: "alice",
      home: "/home/alice",
      shell: "/bin/bash",
      comment: "Alice",
      groups: ["video"],
      sudo: true,
      authorizedKeys: ["ssh-ed25519 AAAA me"],
      authorizedKeysFrom: [{ url: "https://example.com/alice.keys", sha256: "00" }],
    },
  ],
  files: [{ path: "/etc/motd", content: "it's\n", owner: "root", group: "root", mode: "0644" }],
  repositories: [
    {
      url: "git@example.com:project.git",
      directory: "project",
      user: "alice",
      branch: "main",
      depth: 1,
      blobless: true,
      submodules: true,
      knownHosts: ["example.com ssh-ed25519 AAAA"],
      deployKey: "KEY",
    },
    {
      url: "https://example.com/other.git",
      directory: "/srv/other",
      user: "alice",
      blobless: false,
      submodules: false,
      knownHosts: [],
    },
  ],
  steps: [
    {
      name: "install it",
      run: "make install",
      as: "alice",
      cwd: "project",
      environment: { PREFIX: "/usr" },
      when: "changed",
      check: "command -v it",
      secrets: { token: "hunter2" },
    },
    {
      name: "with an interpreter",
      run: "#!/usr/bin/python3\nprint()",
      as: "root",
      environment: {},
      when: "once",
      secrets: {},
    },
    {
      name: "at once",
      run: { one: "true", two: ["echo", "it's"] },
      as: "root",
      environment: {},
      when: "start",
      secrets: {},
    },
  ],
} as const;

const job = provisionJob({ claim, machine: "box" }, guest, "0123");
const packages = packageJob(
  root,
  { wanted: ["git", "locales"], listed: ["git"], pins: ["git=1:2*"], unwanted: ["vim"], former: ["vim"] },
  spec,
  "0123",
);

/** One script of each kind that is sent to a host, by what it does, with variants where there are any. */
function operations(): Readonly<Record<string, Script>> {
  return {
    "identify a host": identify("0123"),
    "look at a host": inspectHost(),
    "prepare a host": prepareHost,
    "note what a state knows": lines([noteOf, withdrawalOf].map((note) => note({ path: "/run/it.json", owner }))),
    "look for machines to adopt": lines([adoptables, adoptable("box")]),
    "make a machine": ensureMachine(machine),
    "change a machine": ensureMachine({ ...machine, claim: known, running: false, autostart: false }),
    "make a machine with all that its inputs ask for": ensureMachine({ ...machine, ...everything, ownLines: [3, 4] }),
    "remove such a machine": removeMachine("box", owner, everything),
    "adopt a machine": ensureMachine({ ...machine, claim: { ...claim, adopt: true } }),
    "remove a machine": removeMachine("box", owner, {
      locks: [lockNetworks],
      cleanup: [releaseAttachments("box"), forgetLinks, settleLoopbackIfThere("vz-dev", { parts: "60-dev.*.nft" })],
    }),
    "clear up after ephemeral machines": sweepSnapshots("box"),
    "make a root": createRoot(root),
    "make a root by itself": createRoot({ ...root, privately: "x", customisation: {} }),
    "change a root": changeRoot(root, customisation),
    "change a root back": changeRoot(root, { hostname: null, rootPassword: null, setup: "#!/bin/sh\n:\n" }),
    "remove a root": removeRoot(root),
    "build a base by mmdebstrap": buildBase(base, base.key),
    "build a base by debootstrap": buildBase({ ...base, builder: "debootstrap" }, "private"),
    "clean up after such a build": discardBuild("private"),
    "find out whether packages change": packages.prepare ?? packages.done,
    "change packages": packages.script,
    "make a network": ensureNetwork(network),
    "change a network": ensureNetwork({
      ...network,
      claim: known,
      stub: undefined,
      subnet6: undefined,
      asksHost: false,
    }),
    "remove a network": removeNetwork("dev", owner),
    "lease addresses": allocate([attachment]),
    "expect a lease": expectAttachment(attachment, "10.42.1.2", ["tcp 0.0.0.0 8080 8080"]),
    "expect a bridge": lines([expectBridge("br0"), expectVlanFiltering("br0"), expectUnused("br0", "eth0")]),
    "look at an uplink": inspectUplink("br0", "eth0"),
    "arm a change of the host's network": armChange(change),
    "arm its removal": armChange({ ...change, uplink: undefined, marker: { ...change.marker, text: undefined } }),
    "confirm it": confirmChange(change),
    "make a source": ensureSource({ ...source, create: directory }),
    "use a source": ensureSource(source),
    "remove a source": removeSource({ ...source, create: directory }, true),
    "leave a source": removeSource(source, false),
    "begin work inside a machine": job.prepare ?? job.done,
    "work inside a machine": job.script,
    "look inside a machine": inspectInside(owner),
    "look for what killed runs left": answerLeftovers(claim),
    "undo work inside a machine": removeProvision({ owner, machine: "box" }),
    "start a job": startUnit(job),
    "follow a job": followUnit(packages, { invocation: "0123", boot: "4567" }),
    "follow a job whose output is private": followUnit(job, { invocation: "0123", boot: "4567" }),
    "stop a job": stopUnit("unit"),
  };
}

/** Texts that are not run by a host's shell over SSH: those of units on the host, and of a guest's shell. */
function texts(): Readonly<Record<string, string>> {
  return {
    "run a script": wrapScript(sh`:`, "mark"),
    "run a job": payload({ ...packages, script: sh`:` }),
    "run a job whose output is private": payload({ ...job, script: sh`:` }),
    "clean up after a machine that was killed": cleanUp("box").text,
    "forget leases of an ephemeral machine": forgetStaleLeases("box").text,
    "forget leases of one with a long name": forgetStaleLeases("a-long-name-of-a-box").text,
    "let packets pass the rules of Docker": dockerScript,
    "let ports of 127.0.0.1 reach machines": loopbackScript,
    "expect the table before a machine starts": expectTable.text,
    "apply a change of the host's network": applyScript(change),
    "roll it back": rollbackScript(change),
    "set what a root has": inRoot(customisation),
    "take back what was set in a root": inRoot({ hostname: null, locale: "C.UTF-8", rootPassword: null }),
    "bring a guest to its plan": ensureText(owner, guest),
    "inspect a guest": inspectText(owner, guest),
    "remove what was made in a guest": removeText(owner),
  };
}

/** In the host's script, it is only a value. */
function inRoot(to: Customisation): string {
  return insideText(customise(to) ?? sh``);
}

/**
 * All of them by name, as they are checked: only the operation's own part of a host script, because libraries are
 * checked separately.
 */
export function rendered(): readonly Source[] {
  return [
    ...Object.entries(operations()).map(([path, { body }]) => ({ path, text: body })),
    ...Object.entries(texts()).map(([path, text]) => ({ path, text })),
  ];
}
