import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { answered, printed } from "../support/functions";
import { makeGeneration, markerOf, waitingOf, writeMarker } from "../support/generations";
import { aboutRoot, NOW, rootHost, rootsIn } from "../support/root-script";
import type { ScratchHost } from "../support/scratch-host";

const images = "/var/lib/machines";
const roots = "/var/lib/pulumi-nspawn/rootfs";
const web = `${images}/web`;

let host: ScratchHost;
beforeEach(() => {
  host = rootHost();
});
afterEach(() => host.remove());

const marker = (generation = "g1"): unknown => JSON.parse(readFileSync(host.at(markerOf("web", generation)), "utf8"));
const left = () => [readdirSync(host.at(images)).sort(), readdirSync(host.at(roots)).sort()];
const write = (path: string, text: string) => host.write(`${web}/${path}`, text);

describe("root_discard", () => {
  test("removes a generation's tree and marker, and nobody else's", () => {
    for (const generation of ["g1", "g2"]) makeGeneration(host, { generation });
    makeGeneration(host, { generation: "held", at: web });
    host.run(aboutRoot(sh`root_discard g2`));
    expect(left()).toEqual([
      [".pulumi-web.g1", "web"],
      ["web@g1.json", "web@held.json"],
    ]);
    host.run(aboutRoot(sh`root_discard held`));
    expect(left()).toEqual([[".pulumi-web.g1"], ["web@g1.json"]]);
  });

  test("removes a marker without a tree, and does nothing where there is neither", () => {
    writeMarker(host, "web", "g1");
    host.run(aboutRoot(sh`root_discard g1; root_discard g1`));
    expect(left()).toEqual([[], []]);
  });

  test("refuses to remove a tree with mounts, and keeps its marker", () => {
    makeGeneration(host, { generation: "g1" });
    const tree = waitingOf("web", "g1");
    host.write("/proc/self/mountinfo", `1 2 8:1 / ${host.at(tree)}/proc rw - proc proc rw\n`);
    expect(answered(host, aboutRoot(sh`root_discard g1`))).toEqual([
      ["refused", "image-mounted", tree, `${tree}/proc`],
    ]);
    expect(left()).toEqual([[".pulumi-web.g1"], ["web@g1.json"]]);
  });
});

describe("root_observe", () => {
  const seen = () =>
    answered(host, aboutRoot(sh`root_observe; answer seen "$root_mine" "$root_ours" "$root_other"`))[0];

  test("finds nothing where there is nothing", () => {
    expect(seen()).toEqual(["seen", "", "", ""]);
  });

  test("tells what this owner made from what another one of the URN made, and that from all else", () => {
    makeGeneration(host, { generation: "mine", at: web });
    makeGeneration(host, { generation: "ours", owner: "before" });
    makeGeneration(host, { generation: "other", owner: "before", urn: "urn:y" });
    makeGeneration(host, { name: "web2", generation: "elsewhere" });
    expect(seen()).toEqual(["seen", "mine", "ours", "other"]);
  });

  test.each(['urn:"a" \\', "urn:a\n", "urn:ä"])("a URN is compared as it is: %j", (urn) => {
    const found = (own: string) => {
      const text = sh`claim_urn=${own}; root_observe; answer seen "$root_mine" "$root_ours" "$root_other"`;
      return answered(host, aboutRoot(text))[0];
    };
    makeGeneration(host, { generation: "g2", owner: "before", urn });
    expect([found(urn), found(`${urn}x`)]).toEqual([
      ["seen", "", "g2", ""],
      ["seen", "", "", "g2"],
    ]);
  });

  test("removes what is unfinished, and its tree", () => {
    makeGeneration(host, { generation: "g1", complete: false });
    makeGeneration(host, { generation: "g2" });
    expect(seen()).toEqual(["seen", "g2", "", ""]);
    expect(left()).toEqual([[".pulumi-web.g2"], ["web@g2.json"]]);
  });

  test("forgets a generation whose tree was removed by hand, or replaced", () => {
    writeMarker(host, "web", "g1");
    mkdirSync(host.at(web));
    expect(seen()).toEqual(["seen", "", "", ""]);
    expect(left()).toEqual([["web"], []]);
  });

  test("compares the whole URN", () => {
    makeGeneration(host, { generation: "g1", owner: "before", urn: "urn:xx" });
    expect(seen()).toEqual(["seen", "", "", "g1"]);
  });
});

describe("root_observe, of what this stack made", () => {
  const ours = { claimant: "mystack1", owner: "before", suite: "trixie", variant: "minbase", birth: "b1" };
  const unrecorded = { ...ours, acknowledged: "no" } as const;
  const recorded = { ...ours, acknowledged: "yes" } as const;
  const observe = sh`root_observe; answer seen "$root_ours" "$root_other" "$root_leftover" "$root_again"`;
  const seen = (more = sh``) => answered(host, aboutRoot(observe, more))[0]?.slice(1);

  test("what nobody recorded is taken if it is as wanted, and is in nobody's way otherwise", () => {
    makeGeneration(host, { generation: "g0", ...unrecorded });
    expect(seen()).toEqual(["", "", "g0", ""]);
    expect(seen(sh`root_birth=b2`)).toEqual(["", "", "", ""]);
  });

  test("a root that has run is ours, although nobody recorded it", () => {
    makeGeneration(host, { generation: "g0", at: web, ...unrecorded });
    write("etc/machine-id", "0123\n");
    expect(seen(sh`root_birth=b2`)).toEqual(["g0", "", "", ""]);
  });

  test("a sweep removes what nobody recorded and never ran, except the generation that is made", () => {
    for (const generation of ["g0", "g2"]) makeGeneration(host, { generation, ...unrecorded });
    makeGeneration(host, { generation: "g3", ...unrecorded, claimant: "theirs" });
    makeGeneration(host, { generation: "g4", ...recorded });
    host.run(aboutRoot(sh`root_sweep g2`));
    expect(left()[1]).toEqual(["web@g2.json", "web@g3.json", "web@g4.json"]);
  });

  test("a root has run if it has an ID, or anything that only looks like one", () => {
    const ran = () => host.holds(aboutRoot(sh`root_has_run g0`));
    makeGeneration(host, { generation: "g0", at: web });
    expect(ran()).toBe(false);
    write("etc/machine-id", "");
    expect(ran()).toBe(false);
    write("etc/machine-id", "uninitialized\n");
    expect(ran()).toBe(true);
    host.run(sh`rm ${`${web}/etc/machine-id`}; ln -s nowhere ${`${web}/etc/machine-id`}`);
    expect(ran()).toBe(true);
  });

  test("what a marker says of how a root was made is known again", () => {
    writeMarker(host, "web", "g0", { ...recorded, created: "2026-01-01", architecture: "arm64" });
    const recall = sh`root_recall g0; answer said "$root_created" "$base_builder" "$base_arch"`;
    expect(answered(host, aboutRoot(recall))).toEqual([["said", "2026-01-01", "debootstrap", "arm64"]]);
  });

  test("the newest root is not wanted again, as nothing replaced it", () => {
    makeGeneration(host, { generation: "g0", at: web, ...recorded });
    expect(printed(host, aboutRoot(sh`root_wanted_again`))).toBe("");
    makeGeneration(host, { generation: "g2", created: "2027-01-01", ...unrecorded });
    expect(printed(host, aboutRoot(sh`root_wanted_again`))).toBe("g0\n");
  });

  test("a finished root gets the name that is free", () => {
    makeGeneration(host, { generation: "g1" });
    host.run(aboutRoot(sh`root_tree=${waitingOf("web", "g1")}; root_settle; [ "$root_tree" = "$images/web" ]`));
    expect(left()).toEqual([["web"], ["web@g1.json"]]);
  });

  test("the text of a marker is JSON", () => {
    const text = printed(host, aboutRoot(sh`root_created=x; root_marker_text true 1:2`));
    expect(JSON.parse(text)).toMatchObject({ owner: "me", urn: "urn:x", complete: true, identity: "1:2" });
  });

  test("another stack with the same names owns what it made, finished or not recorded", () => {
    makeGeneration(host, { generation: "g0", ...unrecorded, claimant: "theirs" });
    expect(seen()).toEqual(["", "g0", "", ""]);
  });

  test("the holder is wanted again if a newer root was made for it and the inputs are the holder's", () => {
    makeGeneration(host, { generation: "g0", at: web, created: "2026-01-01", ...recorded });
    expect(seen()).toEqual(["g0", "", "", ""]);
    makeGeneration(host, { generation: "g2", created: "2026-01-02", ...recorded, suite: "bookworm", birth: "b2" });
    expect(seen()).toEqual(["g2", "", "", "g0"]);
    expect(seen(sh`root_suite=forky`)).toEqual(["g2", "", "", ""]);
    expect(seen(sh`root_variant=important`)).toEqual(["g2", "", "", ""]);
    expect(seen(sh`root_arch=arm64`)).toEqual(["g2", "", "", ""]);
  });

  test("an older root that waits does not make the holder wanted again", () => {
    makeGeneration(host, { generation: "g0", created: "2026-01-01", ...recorded });
    makeGeneration(host, { generation: "g2", at: web, created: "2026-01-02", ...recorded });
    expect(seen()?.[3]).toBe("");
  });

  test("the root that is wanted again keeps its tree, under this create's generation", () => {
    makeGeneration(host, { generation: "g0", at: web, created: "2026-01-01", ...recorded, birth: "b0" });
    makeGeneration(host, { generation: "g2", created: "2026-01-02", ...recorded, suite: "bookworm" });
    const answers = answered(host, aboutRoot(sh`root_observe; root_keep`));
    expect([answers[0], ...rootsIn(answers.slice(1))]).toEqual([["kept"], ["root-made", "web", "g1", web]]);
    expect(readFileSync(host.at(`${web}/which`), "utf8")).toBe("g0");
    expect(left()[1]).toEqual(["web@g1.json", "web@g2.json"]);
    expect(marker()).toMatchObject({ owner: "me", acknowledged: "yes", birth: "b0", created: NOW, complete: true });
    expect(printed(host, sh`generation_holder web`)).toBe("g1\n");
  });

  test("what a killed create finished is taken as it is, and gets the name that is free", () => {
    makeGeneration(host, { generation: "g0", ...unrecorded });
    makeGeneration(host, { generation: "g2", ...unrecorded, birth: "b2" });
    const answers = answered(host, aboutRoot(sh`root_observe; root_finish`));
    expect([answers[0], ...rootsIn(answers.slice(1))]).toEqual([["kept"], ["root-made", "web", "g0", web]]);
    expect(left()).toEqual([["web"], ["web@g0.json"]]);
    expect(marker("g0")).toMatchObject({ owner: "me", acknowledged: "no", created: "2026-01-01" });
  });

  test("a new root removes what nobody recorded, and takes its name", () => {
    makeGeneration(host, { generation: "g0", at: web, ...unrecorded, birth: "b2" });
    makeGeneration(host, { generation: "g2", ...recorded, suite: "bookworm" });
    host.run(aboutRoot(sh`root_observe; root_build`));
    expect(left()).toEqual([
      [".pulumi-web.g2", "web"],
      ["web@g1.json", "web@g2.json"],
    ]);
    expect(readFileSync(host.at(`${web}/from`), "utf8")).toBe("key\n");
  });
});
