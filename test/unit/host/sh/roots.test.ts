import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { answered, called, printed } from "../support/functions";
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
const identity = (path: string) => printed(host, sh`image_identity ${path}`).trim();
const left = () => [readdirSync(host.at(images)).sort(), readdirSync(host.at(roots)).sort()];
const write = (path: string, text: string) => host.write(`${web}/${path}`, text);

describe("root_marker", () => {
  test("writes who has which root, and says whether it is complete", () => {
    const urn = JSON.stringify('urn:"it\'s" \\ x');
    const more = sh`root_created=${NOW}; root_urn_json=${urn}`;
    host.run(aboutRoot(sh`umask 077; root_marker false ''`, more));
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
    host.run(aboutRoot(sh`root_marker true 1:2; root_marker true 1:2`, more));
    expect(marker()).toEqual({ ...expected, complete: true, identity: "1:2" });
  });

  test("writes what the functions about generations read", () => {
    mkdirSync(host.at(web));
    host.run(aboutRoot(sh`root_marker true "$(image_identity "$images/web")"`, sh`root_created=x`));
    expect(printed(host, sh`generation_holder web`)).toBe("g1\n");
  });
});

describe("root_now", () => {
  const now = () => printed(host, aboutRoot(sh`root_now`));

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
  expect(rootsIn(answered(host, aboutRoot(sh`root_answer ${`${images}/my tree`}`)))).toEqual([
    ["root-made", "web", "g1", `${images}/my tree`],
  ]);
});

describe("root_adopt", () => {
  const adopt = (more = sh``) => rootsIn(answered(host, aboutRoot(sh`root_adopt`, more)));

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
    expect(answered(host, aboutRoot(sh`root_adopt`))).toEqual([refusal]);
    expect(left()).toEqual([["web"], []]);
  });

  test("refuses a tree that does not tell what it is", () => {
    mkdirSync(host.at(web));
    expect(answered(host, aboutRoot(sh`root_adopt`))).toEqual([["refused", "adopt-nothing", web]]);
  });

  test("takes any suite for sid, which has the codename of the next one", () => {
    write("usr/lib/os-release", "VERSION_CODENAME=forky\n");
    expect(adopt(sh`root_suite=sid`)).toEqual([["root-made", "web", "g1", web]]);
  });

  test("refuses a symbolic link", () => {
    host.write("/srv/tree/usr/lib/os-release", "VERSION_CODENAME=trixie\n");
    symlinkSync(host.at("/srv/tree"), host.at(web));
    expect(answered(host, aboutRoot(sh`root_adopt`))).toEqual([["refused", "image-symlink", web, "/srv/tree"]]);
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
  const build = (more = sh``) => answered(host, aboutRoot(sh`root_build`, more));

  test("makes a root aside, and gives it the name that is free", () => {
    const complete = sh`marker_field "$roots/web@g1.json" complete`;
    const personalise = sh`root_personalise() { answer look "$root_tree" "$(${complete})"; }`;
    const answers = build(personalise);
    expect(answers.slice(0, 3)).toEqual([
      ["progress", "copying the base"],
      ["look", waiting, "false"],
      ["progress", "finished"],
    ]);
    expect(rootsIn(answers.slice(3))).toEqual([["root-made", "web", "g1", web]]);
    expect(left()).toEqual([["web"], ["web@g1.json"]]);
    expect(readFileSync(host.at(`${web}/from`), "utf8")).toBe("key\n");
    expect(marker()).toMatchObject({ created: NOW, complete: true, identity: identity(web) });
  });

  test.each([
    ["a tree", () => mkdirSync(host.at(web))],
    ["a link that leads nowhere", () => symlinkSync("nowhere", host.at(web))],
  ])("leaves the name to %s that has it", (_, put) => {
    put();
    expect(rootsIn(build().slice(2))).toEqual([["root-made", "web", "g1", waiting]]);
    expect(marker()).toMatchObject({ complete: true, identity: identity(waiting) });
    expect(left()).toEqual([[".pulumi-web.g1", "web"], ["web@g1.json"]]);
  });

  test("refuses where there is not enough room, before it writes anything", () => {
    expect(build(sh`root_need=11`)).toEqual([["refused", "no-space", "11", "10", "/", "/dev/vda"]]);
    expect(left()).toEqual([[], []]);
  });

  test.each([
    ["the base is gone", sh`copy() { mkdir "$2"; refuse base-gone "$1"; }`, ["base-gone", "key"]],
    ["the customisation fails", sh`root_personalise() { : >"$root_tree/x"; refuse customise; }`, ["customise"]],
  ])("leaves nothing where %s", (_, more, refusal) => {
    // What the file systems are like is known before anything is removed.
    expect(build(more).slice(-2)).toEqual([
      ["refused", ...refusal],
      ["disks", "10 0 0 /dev/vda /"],
    ]);
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
    expect(() => host.run(aboutRoot(sh`root_build; exit 3`))).toThrow("exit status 3");
    expect(existsSync(host.at(`${web}/from`))).toBe(true);
  });
});
