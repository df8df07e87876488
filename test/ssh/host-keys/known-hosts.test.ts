import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { knownHostsName, matchesName, parseKnownHosts } from "../../../provider/remote/host-keys/known-hosts";
import { Directory } from "../../support/ssh/directory";
import { ensureOpenSsh } from "../../support/ssh/openssh";
import { sshKeygen } from "../../support/ssh/sshd";

let directory: Directory;
beforeAll(ensureOpenSsh);
beforeEach(() => {
  directory = new Directory();
});
afterEach(() => directory.remove());

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEft9KDTScFqGrKINmGSlA2/VbOLt9Oyo4yxEREFCTeD";

/** The lines that ssh-keygen finds for a name. */
function foundByOpenSsh(file: string, name: string): number[] {
  try {
    const output = execFileSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8", stdio: "pipe" });
    return [...output.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line));
  } catch {
    return [];
  }
}

function foundHere(text: string, name: string): number[] {
  return parseKnownHosts(text, "f")
    .filter((line) => matchesName(line.names, name))
    .map((line) => Number(line.place.slice("f:".length)));
}

const host = fc.constantFrom("web", "web1", "db.example.com", "10.0.0.1", "2001:db8::1");
const pattern = fc.constantFrom(
  "web",
  "web*",
  "WEB1",
  "*.example.com",
  "!web1",
  "!*.com",
  "*",
  "10.0.0.?",
  "[web]:2222",
  "[web*]:*",
  "2001:db8::1",
);
const markers = fc.constantFrom("", "", "@cert-authority ", "@revoked ", "@unknown ");
const line = fc.oneof(
  fc
    .tuple(markers, fc.array(pattern, { minLength: 1, maxLength: 3 }))
    .map(([marker, list]) => `${marker}${list.join(",")} ${KEY} a comment`),
  fc.constantFrom("", "# web ssh-ed25519 AAAA", "web", "web ssh-ed25519", "  web  ", `\tweb\t${KEY}`),
);

test("the matching lines of a file are those that ssh-keygen -F finds", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), host, fc.constantFrom(22, 2222), (text, name, port) => {
      const file = directory.write("known_hosts", `${text.join("\n")}\n`);
      const full = knownHostsName(name, port);
      expect(foundHere(text.join("\n"), full)).toEqual(foundByOpenSsh(file, full));
    }),
    { numRuns: 150 },
  );
}, 300_000);

test("hashed names are found by the name alone", () => {
  const names = ["web", "[web]:2222", "db.example.com"];
  const file = directory.write("known_hosts", names.map((name) => `${name} ${KEY}\n`).join(""));
  sshKeygen(["-q", "-H", "-f", file]);
  const text = execFileSync("cat", [file], { encoding: "utf8" });
  expect(text).not.toContain("web");
  for (const name of [...names, "other", "[web]:22"]) {
    expect(foundHere(text, name)).toEqual(foundByOpenSsh(file, name));
  }
});

test("names are compared case-insensitively, and damaged lines are skipped", () => {
  expect(foundHere(`WEB ${KEY}\nweb ssh-ed25519 %%%\nweb ssh-rsa ${KEY.split(" ")[1]}\n`, "Web")).toEqual([1]);
});
