import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aboutClaim } from "../../../../provider/host/ownership";
import { generationsInventory, rootsOf } from "../../../../provider/host/roots/generations";
import { sh } from "../../../../provider/host/sh";
import { lines, parseAnswer, prelude, type Script } from "../../../../provider/remote";
import { ended, output } from "../../support/processes";
import { claim } from "../support/claim";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "generations-"));
  mkdirSync(join(directory, "images"));
  mkdirSync(join(directory, "roots"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the functions on the test's own directories. */
function script(text: Script): string {
  const places = sh`images=${join(directory, "images")}; roots=${join(directory, "roots")}; set -e`;
  return lines([prelude, places, text]).text;
}

function shell(text: Script): string {
  return output(["sh", "-c", script(text)]).trim();
}

/** A generation with a file that names it. */
function make(generation: string, created: string, place: string, more: boolean | object = {}): void {
  const path = join(directory, "images", place);
  mkdirSync(path);
  writeFileSync(join(path, "which"), generation);
  const identity = shell(sh`image_identity ${path}`);
  const said = typeof more === "boolean" ? { complete: more } : more;
  const marker = { owner: "o", urn: "urn:x", generation, created, complete: true, identity, version: 1, ...said };
  writeFileSync(join(directory, "roots", `web@${generation}.json`), `${JSON.stringify(marker, undefined, 2)}\n`);
}

const images = () => readdirSync(join(directory, "images")).sort();
const holder = () => readFileSync(join(directory, "images", "web", "which"), "utf8");

/** Which generation a machine that names one would exchange the holder for. */
const taken = (generation: string) => shell(sh`generation_to_take web ${generation}; printf '%s\n' "$generation_next"`);

test("the holder is the complete generation whose own tree has the name", () => {
  expect(shell(sh`generation_holder web`)).toBe("");
  make("old", "2026-01-01", "web");
  make("new", "2026-01-02", ".pulumi-web.new");
  expect(shell(sh`generation_holder web`)).toBe("old");
  expect([taken("new"), taken("old")]).toEqual(["new", ""]);
});

test("a tree that was put in a generation's place belongs to none", () => {
  make("old", "2026-01-01", "web");
  output(["sh", "-c", "cd $1 && mv web away && cp -a away web", "sh", join(directory, "images")]);
  expect(shell(sh`generation_holder web`)).toBe("");
  make("new", "2026-01-02", ".pulumi-web.new");
  const run = ended(["sh", "-c", script(sh`generation_exchange web new`)]);
  expect(parseAnswer(run.stdout.trim())?.values).toEqual(["root-foreign", join(directory, "images", "web")]);
});

/** What a script refuses. */
const refusal = (text: Script) => parseAnswer(ended(["sh", "-c", script(text)]).stdout.trim())?.values;

test("a machine takes the generation that it names, and no other that waits", () => {
  make("b", "2026-01-02", "web");
  make("a", "2026-01-01", ".pulumi-web.a");
  make("c", "2026-01-03", ".pulumi-web.c");
  make("d", "2026-01-04", ".pulumi-web.d", false);
  expect(taken("b")).toBe("");
  expect(taken("a")).toBe("a");
  expect(taken("c")).toBe("c");
  for (const gone of ["d", "e"])
    expect(refusal(sh`generation_to_take web ${gone}`)).toEqual(["root-incomplete", "web", gone]);
  output(["sh", "-c", "cd $1 && mv web away", "sh", join(directory, "images")]);
  expect(taken("a")).toBe("a");
  expect(refusal(sh`generation_to_take web b`)).toEqual(["no-root", "web"]);
  mkdirSync(join(directory, "images", "web"));
  expect(refusal(sh`generation_to_take web b`)).toEqual(["root-foreign", join(directory, "images", "web")]);
});

test("a generation is complete if its marker says so", () => {
  make("a", "2026-01-01", "web");
  make("b", "2026-01-02", ".pulumi-web.b", false);
  const complete = sh`for g in a b c; do if generation_complete web "$g"; then echo "$g"; fi; done`;
  expect(shell(complete)).toBe("a");
});

test("a machine that names no generation takes what has the name", () => {
  expect(refusal(sh`generation_to_take web ''`)).toEqual(["no-root", "web"]);
  make("a", "2026-01-01", "web");
  make("b", "2026-01-02", ".pulumi-web.b");
  expect(shell(sh`generation_to_take web ''`)).toBe("");
});

test("the heir of a name is the newest complete generation that waits and that the state of its resource knows", () => {
  const heir = (claimant = "c", urn = "urn:x") =>
    shell(lines([aboutClaim(claim({ claimant, urn })), sh`generation_heir web`]));
  make("b", "2026-01-02", "web");
  make("a", "2026-01-01", ".pulumi-web.a");
  expect(heir()).toBe("a");
  make("c", "2026-01-03", ".pulumi-web.c", { claimant: "c", acknowledged: "no" });
  make("d", "2026-01-04", ".pulumi-web.d", { claimant: "other", acknowledged: "yes" });
  make("e", "2026-01-05", ".pulumi-web.e", { complete: false });
  expect(heir()).toBe("a");
  shell(sh`generation_acknowledge web c; generation_acknowledge web c; generation_acknowledge web gone`);
  expect(heir()).toBe("c");
  expect([heir("other"), heir("c", "urn:y")]).toEqual(["d", "c"]);
});

test("generations of a name with the same beginning are another root's", () => {
  make("old", "2026-01-01", "web");
  mkdirSync(join(directory, "images", "web.example"));
  expect(shell(sh`generation_holder web.example; generation_heir web.example`)).toBe("");
});

test("an exchange swaps the holder and the waiting generation, and a second one changes nothing", () => {
  make("old", "2026-01-01", "web");
  make("new", "2026-01-02", ".pulumi-web.new");
  shell(sh`generation_exchange web new; generation_exchange web new`);
  expect([holder(), images()]).toEqual(["new", [".pulumi-web.old", "web"]]);
  shell(sh`generation_exchange web old`);
  expect([holder(), images()]).toEqual(["old", [".pulumi-web.new", "web"]]);
});

test("an incomplete generation takes nobody's place", () => {
  make("old", "2026-01-01", "web");
  make("new", "2026-01-02", ".pulumi-web.new", false);
  expect(ended(["sh", "-c", script(sh`generation_exchange web new`)]).status).toBe(65);
  expect(holder()).toBe("old");
});

// Power can fail at each rename of an exchange and at each removal.
test.each([1, 2, 3, 4])(
  "an exchange that is killed before its %ith step leaves both trees, and is finished or repeated",
  (step) => {
    make("old", "2026-01-01", "web");
    make("new", "2026-01-02", ".pulumi-web.new");
    const killed = sh`
kill_at() { steps=$((steps + 1)); if [ "$steps" = ${step} ]; then kill -9 $$; fi; }
steps=0
mv() { kill_at; command mv "$@"; }
rm() { kill_at; command rm "$@"; }
generation_exchange web new
`;
    expect(spawnSync("sh", ["-c", script(killed)]).signal).toBe("SIGKILL");
    shell(sh`generation_recover web`);
    expect(["old", "new"]).toContain(holder());
    expect(images()).toHaveLength(2);
    shell(sh`generation_exchange web new`);
    expect([holder(), images(), readdirSync(join(directory, "roots")).sort()]).toEqual([
      "new",
      [".pulumi-web.old", "web"],
      ["web@new.json", "web@old.json"],
    ]);
  },
);

test("the inventory reports each generation, its marker, its place and its packages", () => {
  make("old", "2026-01-01", "web");
  make("new", "2026-01-02", ".pulumi-web.new");
  const tree = join(directory, "images", "web");
  for (const part of ["usr/lib", "var/lib/dpkg"]) mkdirSync(join(tree, part), { recursive: true });
  writeFileSync(join(tree, "usr/lib/os-release"), "VERSION_CODENAME=trixie\n");
  const packages = ["hello install ok installed", "gone deinstall ok config-files"].map((line) => line.split(" "));
  const status = packages.map(
    ([name, ...state]) => `Package: ${name}\nStatus: ${state.join(" ")}\nVersion: 1-2\nProvides: x-${name} (= 1), y\n`,
  );
  writeFileSync(join(tree, "var/lib/dpkg/status"), status.join("\n"));
  const inventory = output([
    "sh",
    "-c",
    script(generationsInventory)
      .replaceAll("roots=/var/lib/pulumi-nspawn/rootfs", "roots=$1")
      .replaceAll("images=/var/lib/machines", "images=$2"),
    "sh",
    join(directory, "roots"),
    join(directory, "images"),
  ]);
  const roots = rootsOf(inventory.split("\n").flatMap((line) => parseAnswer(line) ?? []));
  expect(roots).toMatchObject([
    {
      name: "web",
      generation: "new",
      path: join(directory, "images", ".pulumi-web.new"),
      look: { osRelease: { codename: "" } },
    },
    { name: "web", generation: "old", path: tree, look: { osRelease: { codename: "trixie" } } },
  ]);
  expect(Object.fromEntries(roots[1]?.look?.packages ?? [])).toEqual({ hello: "1-2", "x-hello": "", y: "" });
});

test("the answers of the inventory are read, and a marker that cannot be read is ignored", () => {
  const marker = JSON.stringify({ owner: "o", urn: "u", generation: "g", created: "c", complete: true });
  const release = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
  const value = (name: string, path: string, text: string, ...rest: string[]) =>
    [[name, "g", path, text].join("\n"), ...rest].join("\f\n");
  const packages = "bash 5.2\nmail-agent -\nexim 4\nmail-agent 1";
  const roots = rootsOf([
    { key: "root", values: [value("web", "/var/lib/machines/web", marker, `${release}\fread\n${packages}\n\fread\n`)] },
    { key: "root", values: [value("bad", "", "{")] },
    { key: "root-made", values: [value("web", "", marker)] },
  ]);
  expect(roots).toHaveLength(1);
  expect(roots[0]).toMatchObject({
    name: "web",
    look: { osRelease: { versionId: "12", codename: "bookworm" } },
    path: "/var/lib/machines/web",
  });
  expect([...(roots[0]?.look?.packages ?? [])]).toEqual([
    ["bash", "5.2"],
    ["mail-agent", "1"],
    ["exim", "4"],
  ]);
});

test("a tree that is in use is not moved away", () => {
  make("old", "2026-01-01", "web");
  make("new", "2026-01-02", ".pulumi-web.new");
  const busy = sh`image_is_locked() { [ "$1" = "$images/web" ]; }; generation_exchange web new`;
  const run = ended(["sh", "-c", script(busy)]);
  expect(parseAnswer(run.stdout.trim())?.values).toEqual(["image-busy", join(directory, "images", "web")]);
  expect([holder(), images()]).toEqual(["old", [".pulumi-web.new", "web"]]);
});
