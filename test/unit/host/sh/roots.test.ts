import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { claimant } from "../../../../provider/host/ownership";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { claim } from "../support/claim";
import { answered, called, printed } from "../support/functions";
import { makeGeneration, markerOf, waitingOf, writeMarker } from "../support/generations";
import { ScratchHost } from "../support/scratch-host";

const NOW = "2026-02-01T00:00:00.000Z";
const images = "/var/lib/machines";
const roots = "/var/lib/pulumi-nspawn/rootfs";
const web = `${images}/web`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ date: `echo ${NOW}` }, ["/proc", "/run/systemd"]);
  mkdirSync(host.at(images), { recursive: true });
  mkdirSync(host.at(roots), { recursive: true });
  host.write("/proc/self/mountinfo", "");
});
afterEach(() => host.remove());

/** What a script says of the root it is about, with the functions it calls. */
function about(call: Script, more: Script = sh``): Script {
  return lines([
    sh`
${claimant(claim())}
root_name=web; root_generation=g1; root_urn_json=${JSON.stringify("urn:x")}
root_suite=trixie; root_variant=minbase; root_arch=''; root_birth=b1; root_leftover=''
root_copy=copy; root_from=key; root_need=10; root_free=10
base_arch=riscv64; base_builder=mmdebstrap; root_cache_key=key
copy() { mkdir "$2"; echo "$1" >"$2/from"; }
root_personalise() { :; }
`,
    more,
    call,
  ]);
}

const marker = (generation = "g1"): unknown => JSON.parse(readFileSync(host.at(markerOf("web", generation)), "utf8"));
const identity = (path: string) => printed(host, sh`image_identity ${path}`).trim();
const left = () => [readdirSync(host.at(images)).sort(), readdirSync(host.at(roots)).sort()];
const write = (path: string, text: string) => host.write(`${web}/${path}`, text);

/** What `generation_answer` answered: the name, the generation and the place. */
const told = (answers: string[][]) => answers.map(([key, text = ""]) => [key, ...text.split("\n").slice(0, 3)]);

describe("root_marker", () => {
  test("writes who has which root, and says whether it is complete", () => {
    const urn = JSON.stringify('urn:"it\'s" \\ x');
    const more = sh`root_created=${NOW}; root_urn_json=${urn}`;
    host.run(about(sh`umask 077; root_marker false ''`, more));
    const expected = {
      owner: "me",
      urn: 'urn:"it\'s" \\ x',
      claimant: "mystack1",
      stack: "stack of mystack1",
      acknowledged: "no",
      generation: "g1",
      created: NOW,
      architecture: "riscv64",
      builtWith: "mmdebstrap",
      cacheKey: "key",
      suite: "trixie",
      variant: "minbase",
      birth: "b1",
      complete: false,
      identity: "",
      version: 1,
    };
    expect(marker()).toEqual(expected);
    expect(statSync(host.at(markerOf("web", "g1"))).mode & 0o777).toBe(0o600);
    host.run(about(sh`root_marker true 1:2; root_marker true 1:2`, more));
    expect(marker()).toEqual({ ...expected, complete: true, identity: "1:2" });
  });

  test("writes what the functions about generations read", () => {
    mkdirSync(host.at(web));
    host.run(about(sh`root_marker true "$(image_identity "$images/web")"`, sh`root_created=x`));
    expect(printed(host, sh`generation_holder web`)).toBe("g1\n");
  });
});

describe("root_now", () => {
  const now = () => printed(host, about(sh`root_now`));

  test("prints the time where no generation is newer", () => {
    expect(now()).toBe(`${NOW}\n`);
    writeMarker(host, "web", "old", { created: "2026-01-31T23:59:59.999Z" });
    writeMarker(host, "web2", "new", { created: "2027-01-01T00:00:00.000Z" });
    expect(now()).toBe(`${NOW}\n`);
    expect(called(host)[0]).toBe("date -u +%Y-%m-%dT%H:%M:%S.%3NZ");
  });

  test.each([NOW, `${NOW}+`, "2026-02-02T00:00:00.000Z"])(
    "prints a later time than that of any generation: %s",
    (created) => {
      writeMarker(host, "web", "older", { created: "2026-01-01T00:00:00.000Z" });
      writeMarker(host, "web", "other", { created });
      writeMarker(host, "web", "z-old", { created: "2026-01-02T00:00:00.000Z" });
      expect(now()).toBe(`${created}+\n`);
      expect([`${created}+`, created].sort()).toEqual([created, `${created}+`]);
    },
  );
});

test("root_answer tells of the generation that is made", () => {
  writeMarker(host, "web", "g1");
  expect(told(answered(host, about(sh`root_answer ${`${images}/my tree`}`)))).toEqual([
    ["root-made", "web", "g1", `${images}/my tree`],
  ]);
});

describe("root_discard", () => {
  test("removes a generation's tree and marker, and nobody else's", () => {
    for (const generation of ["g1", "g2"]) makeGeneration(host, { generation });
    makeGeneration(host, { generation: "held", at: web });
    host.run(about(sh`root_discard g2`));
    expect(left()).toEqual([
      [".pulumi-web.g1", "web"],
      ["web@g1.json", "web@held.json"],
    ]);
    host.run(about(sh`root_discard held`));
    expect(left()).toEqual([[".pulumi-web.g1"], ["web@g1.json"]]);
  });

  test("removes a marker without a tree, and does nothing where there is neither", () => {
    writeMarker(host, "web", "g1");
    host.run(about(sh`root_discard g1; root_discard g1`));
    expect(left()).toEqual([[], []]);
  });

  test("refuses to remove a tree with mounts, and keeps its marker", () => {
    makeGeneration(host, { generation: "g1" });
    const tree = waitingOf("web", "g1");
    host.write("/proc/self/mountinfo", `1 2 8:1 / ${host.at(tree)}/proc rw - proc proc rw\n`);
    expect(answered(host, about(sh`root_discard g1`))).toEqual([["refused", "image-mounted", tree, `${tree}/proc`]]);
    expect(left()).toEqual([[".pulumi-web.g1"], ["web@g1.json"]]);
  });
});

describe("root_observe", () => {
  const seen = () => answered(host, about(sh`root_observe; answer seen "$root_mine" "$root_ours" "$root_other"`))[0];

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
      return answered(host, about(text))[0];
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
  const seen = (more = sh``) => answered(host, about(observe, more))[0]?.slice(1);

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
    host.run(about(sh`root_sweep g2`));
    expect(left()[1]).toEqual(["web@g2.json", "web@g3.json", "web@g4.json"]);
  });

  test("a root has run if it has an ID, or anything that only looks like one", () => {
    const ran = () => host.holds(about(sh`root_has_run g0`));
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
    expect(answered(host, about(recall))).toEqual([["said", "2026-01-01", "debootstrap", "arm64"]]);
  });

  test("the newest root is not wanted again, as nothing replaced it", () => {
    makeGeneration(host, { generation: "g0", at: web, ...recorded });
    expect(printed(host, about(sh`root_wanted_again`))).toBe("");
    makeGeneration(host, { generation: "g2", created: "2027-01-01", ...unrecorded });
    expect(printed(host, about(sh`root_wanted_again`))).toBe("g0\n");
  });

  test("a finished root gets the name that is free", () => {
    makeGeneration(host, { generation: "g1" });
    host.run(about(sh`root_tree=${waitingOf("web", "g1")}; root_settle; [ "$root_tree" = "$images/web" ]`));
    expect(left()).toEqual([["web"], ["web@g1.json"]]);
  });

  test("the text of a marker is JSON", () => {
    const text = printed(host, about(sh`root_created=x; root_marker_text true 1:2`));
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
    const answers = answered(host, about(sh`root_observe; root_keep`));
    expect([answers[0], ...told(answers.slice(1))]).toEqual([["kept"], ["root-made", "web", "g1", web]]);
    expect(readFileSync(host.at(`${web}/which`), "utf8")).toBe("g0");
    expect(left()[1]).toEqual(["web@g1.json", "web@g2.json"]);
    expect(marker()).toMatchObject({ owner: "me", acknowledged: "yes", birth: "b0", created: NOW, complete: true });
    expect(printed(host, sh`generation_holder web`)).toBe("g1\n");
  });

  test("what a killed create finished is taken as it is, and gets the name that is free", () => {
    makeGeneration(host, { generation: "g0", ...unrecorded });
    makeGeneration(host, { generation: "g2", ...unrecorded, birth: "b2" });
    const answers = answered(host, about(sh`root_observe; root_finish`));
    expect([answers[0], ...told(answers.slice(1))]).toEqual([["kept"], ["root-made", "web", "g0", web]]);
    expect(left()).toEqual([["web"], ["web@g0.json"]]);
    expect(marker("g0")).toMatchObject({ owner: "me", acknowledged: "no", created: "2026-01-01" });
  });

  test("a new root removes what nobody recorded, and takes its name", () => {
    makeGeneration(host, { generation: "g0", at: web, ...unrecorded, birth: "b2" });
    makeGeneration(host, { generation: "g2", ...recorded, suite: "bookworm" });
    host.run(about(sh`root_observe; root_build`));
    expect(left()).toEqual([
      [".pulumi-web.g2", "web"],
      ["web@g1.json", "web@g2.json"],
    ]);
    expect(readFileSync(host.at(`${web}/from`), "utf8")).toBe("key\n");
  });
});

describe("root_adopt", () => {
  const adopt = (more = sh``) => told(answered(host, about(sh`root_adopt`, more)));

  test("takes over the tree that has the name, and changes nothing in it", () => {
    write("usr/lib/os-release", "ID=debian\nVERSION_CODENAME=trixie\n");
    expect(adopt()).toEqual([["root-made", "web", "g1", web]]);
    expect(marker()).toMatchObject({
      generation: "g1",
      owner: "me",
      created: NOW,
      complete: true,
      identity: identity(web),
    });
    expect(readdirSync(host.at(web), { recursive: true }).sort()).toEqual(["usr", "usr/lib", "usr/lib/os-release"]);
  });

  test("opens no pipe that a guest left in the place of os-release", () => {
    const pipe = sh`mkdir -p ${host.at(`${web}/usr/lib`)}; mkfifo ${host.at(`${web}/usr/lib/os-release`)}`;
    expect(adopt(pipe)).toEqual([["refused", "adopt-nothing"]]);
  });

  test("takes over a generation as it is, with the time and the builder it was made with", () => {
    makeGeneration(host, { generation: "g0", at: web, owner: "before", urn: "urn:y" });
    write("usr/lib/os-release", 'VERSION_CODENAME="trixie"\n');
    expect(adopt()).toEqual([["root-made", "web", "g0", web]]);
    expect(marker("g0")).toMatchObject({
      owner: "me",
      urn: "urn:x",
      created: "2026-01-01",
      builtWith: "debootstrap",
      identity: identity(web),
    });
    expect(left()).toEqual([["web"], ["web@g0.json"]]);
  });

  test.each([
    ["another suite", "VERSION_CODENAME=bookworm\n", ["refused", "adopt-suite", web, "bookworm"]],
    ["no suite", "ID=debian\n", ["refused", "adopt-nothing", web]],
    ["a suite that is no word", "VERSION_CODENAME=trixie/sid\n", ["refused", "adopt-nothing", web]],
  ])("refuses a tree of %s", (_, release, refusal) => {
    write("usr/lib/os-release", release);
    expect(answered(host, about(sh`root_adopt`))).toEqual([refusal]);
    expect(left()).toEqual([["web"], []]);
  });

  test("refuses a tree that does not tell what it is", () => {
    mkdirSync(host.at(web));
    expect(answered(host, about(sh`root_adopt`))).toEqual([["refused", "adopt-nothing", web]]);
  });

  test("takes any suite for sid, which has the codename of the next one", () => {
    write("usr/lib/os-release", "VERSION_CODENAME=forky\n");
    expect(adopt(sh`root_suite=sid`)).toEqual([["root-made", "web", "g1", web]]);
  });

  test("refuses a symbolic link", () => {
    host.write("/srv/tree/usr/lib/os-release", "VERSION_CODENAME=trixie\n");
    symlinkSync(host.at("/srv/tree"), host.at(web));
    expect(answered(host, about(sh`root_adopt`))).toEqual([["refused", "image-symlink", web, "/srv/tree"]]);
    expect(left()).toEqual([["web"], []]);
  });
});

describe("root_personalise", () => {
  const inside = (customisation: string, program = "cat >&2") =>
    host.ended(
      lines([
        sh`in_new_tree() { printf '%s:' "$1" >&2; sh -c ${program}; }`,
        sh`root_tree=${"/a b"} root_customisation=${customisation}; root_personalise; echo later`,
      ]),
    );

  test("without a text, nothing runs inside, and nothing is answered", () => {
    expect(inside("", "echo inside; exit 1")).toEqual({ status: 0, stdout: "later\n", stderr: "" });
  });

  test("the text goes to a shell inside as it is, and what that prints is no answer", () => {
    const text = "echo 'a b' \\c\\n %s\n\n";
    const { status, stdout, stderr } = inside(text, "cat; echo out");
    expect([status, stderr]).toEqual([0, `/a b:${text}out\n`]);
    expect(stdout.split("\n").at(-2)).toBe("later");
    expect(stdout).toContain('["progress",');
  });

  test("a shell that fails inside is a refusal", () => {
    const { status, stdout } = inside("x", "cat >/dev/null; exit 3");
    expect(status).toBe(65);
    expect(stdout).toContain('["refused","');
    expect(stdout).not.toContain("later");
  });
});

describe("root_build", () => {
  const waiting = waitingOf("web", "g1");
  const build = (more = sh``) => answered(host, about(sh`root_build`, more));

  test("makes a root aside, and gives it the name that is free", () => {
    const complete = sh`marker_field "$roots/web@g1.json" complete`;
    const personalise = sh`root_personalise() { answer look "$root_tree" "$(${complete})"; }`;
    const answers = build(personalise);
    expect(answers.slice(0, 3)).toEqual([
      ["progress", "copying the base"],
      ["look", waiting, "false"],
      ["progress", "finished"],
    ]);
    expect(told(answers.slice(3))).toEqual([["root-made", "web", "g1", web]]);
    expect(left()).toEqual([["web"], ["web@g1.json"]]);
    expect(readFileSync(host.at(`${web}/from`), "utf8")).toBe("key\n");
    expect(marker()).toMatchObject({ created: NOW, complete: true, identity: identity(web) });
  });

  test.each([
    ["a tree", () => mkdirSync(host.at(web))],
    ["a link that leads nowhere", () => symlinkSync("nowhere", host.at(web))],
  ])("leaves the name to %s that has it", (_, put) => {
    put();
    expect(told(build().slice(2))).toEqual([["root-made", "web", "g1", waiting]]);
    expect(marker()).toMatchObject({ complete: true, identity: identity(waiting) });
    expect(left()).toEqual([[".pulumi-web.g1", "web"], ["web@g1.json"]]);
  });

  test("refuses where there is not enough room, before it writes anything", () => {
    expect(build(sh`root_need=11`)).toEqual([["refused", "no-space", "11", "10"]]);
    expect(left()).toEqual([[], []]);
  });

  test.each([
    ["the base is gone", sh`copy() { mkdir "$2"; refuse base-gone "$1"; }`, ["base-gone", "key"]],
    ["the customisation fails", sh`root_personalise() { : >"$root_tree/x"; refuse customise; }`, ["customise"]],
  ])("leaves nothing where %s", (_, more, refusal) => {
    expect(build(more).at(-1)).toEqual(["refused", ...refusal]);
    expect(left()).toEqual([[], []]);
  });

  test.each([
    ["the copy fails", sh`copy() { mkdir "$2"; return 3; }`, "exit status 3"],
    ["nobody listens any more", sh`root_personalise() { exec >&-; }`, "exit status"],
  ])("leaves nothing where %s", (_, more, message) => {
    expect(() => build(more)).toThrow(message);
    expect(left()).toEqual([[], []]);
  });

  test("leaves a root alone that is finished, whatever fails later", () => {
    expect(() => host.run(about(sh`root_build; exit 3`))).toThrow("exit status 3");
    expect(existsSync(host.at(`${web}/from`))).toBe(true);
  });
});
