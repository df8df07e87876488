import { mkdirSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { printed } from "../support/functions";
import { makeGeneration, markerOf, waitingOf, writeMarker } from "../support/generations";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const web = "/var/lib/machines/web";

/** The parts of what `generation_answer` answers. */
function told(generation: string, tree: string, before = sh``): string[] {
  const answers = host.run(lines([before, sh`generation_answer root web ${generation} "$images"/${tree}`]));
  expect(answers.map(({ key }) => key)).toEqual(["root"]);
  return (answers[0]?.values[0] ?? "").replaceAll(host.directory, "").split("\f\n");
}

/** What `generation_answer` says before the marker. */
const head = (generation: string, tree: string) => `web\n${generation}\n${tree}\n`;

test("generation_waiting names a hidden place among the images, whatever is in the names", () => {
  expect(printed(host, sh`generation_waiting web g1`)).toBe("/var/lib/machines/.pulumi-web.g1\n");
  expect(printed(host, sh`generation_waiting ${"my \\n 'web'"} ${'"*"'}`)).toBe(
    `/var/lib/machines/.pulumi-my \\n 'web'."*"\n`,
  );
});

test("generation_of_marker prints what is between the last @ and the end of a marker's name", () => {
  expect(
    printed(host, sh`generation_of_marker ${markerOf("web", "g1")}; generation_of_marker ${"/a@b/my web@g 2.json"}`),
  ).toBe("g1\ng 2\n");
  expect(printed(host, sh`generation_of_marker web@1.json.json`)).toBe("1.json\n");
});

test("generation_created prints when a generation was made, and which one it is", () => {
  writeMarker(host, "web", "g1", { created: "2026-01-02T03:04:05.678Z" });
  expect(printed(host, sh`generation_created web g1`)).toBe("2026-01-02T03:04:05.678Z g1\n");
});

test("generation_created puts a generation without a marker before all others", () => {
  expect(printed(host, sh`generation_created web gone 2>/dev/null`)).toBe(" gone\n");
});

describe("generation_path", () => {
  const path = (generation: string) => printed(host, sh`generation_path web ${generation}`);

  test("prints the place of a generation that waits, and the name's of the one that has it", () => {
    makeGeneration(host, { generation: "old", at: web });
    makeGeneration(host, { generation: "new" });
    expect([path("old"), path("new")]).toEqual([`${web}\n`, `${waitingOf("web", "new")}\n`]);
  });

  test("prints nothing where a generation has no tree or somebody else's tree has the name", () => {
    writeMarker(host, "web", "gone");
    expect(path("gone")).toBe("");
    mkdirSync(host.at(web), { recursive: true });
    expect(path("gone")).toBe("");
  });

  test("takes no file for a tree", () => {
    writeMarker(host, "web", "g1");
    host.write(waitingOf("web", "g1"), "");
    expect(path("g1")).toBe("");
  });
});

describe("generation_answer", () => {
  test("answers the marker alone where there is no tree", () => {
    writeMarker(host, "web", "g1", { owner: "it's \\ me" });
    const [answer] = host.run(sh`generation_answer root-made web g1 ''`);
    expect(answer?.key).toBe("root-made");
    const [first = "", ...rest] = answer?.values[0]?.split("\f\n") ?? [];
    expect(first.startsWith(head("g1", ""))).toBe(true);
    expect(JSON.parse(first.slice(head("g1", "").length))).toMatchObject({ generation: "g1", owner: "it's \\ me" });
    expect(rest).toEqual([""]);
  });

  test("answers the tree's release and packages too", () => {
    makeGeneration(host, { generation: "g1", at: web });
    host.write(`${web}/usr/lib/os-release`, "ID=debian\n");
    host.write(`${web}/var/lib/dpkg/status`, "Package: hello\nStatus: install ok installed\nVersion: 1\n");
    const [first, look] = told("g1", "web");
    expect(first?.startsWith(head("g1", web))).toBe(true);
    expect(look).toBe("ID=debian\n\fread\nhello 1\n\fread\n");
  });
});
