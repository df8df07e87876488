import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sh } from "../../../../provider/host/sh";
import { claimOf, machinePart } from "../../../../provider/nftables/table";
import { lines, parseAnswer, prelude } from "../../../../provider/remote";
import { ended } from "../../support/processes";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ports-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const LISTENING = `
tcp   LISTEN 0 128           0.0.0.0:22      0.0.0.0:*    users:(("sshd",pid=71,fd=3))
tcp   LISTEN 0 511         192.0.2.1:443     0.0.0.0:*    users:(("nginx",pid=90,fd=6),("nginx",pid=89,fd=6))
udp   UNCONN 0 0     127.0.0.53%lo:53       0.0.0.0:*    users:(("systemd-resolve",pid=205,fd=18))
tcp   LISTEN 0 4096             [::1]:631        [::]:*
`.trim();

/** The refusal of `ports_free`, if ss(8) prints the lines above. */
function refusal(machine: string, ...ports: string[]): readonly string[] {
  const script = lines([
    prelude,
    sh`ports_nft=${directory}; set -eu
ss() { printf '%s\n' ${LISTENING}; }
ports_free ${machine} ${ports.map(claimOf)}`,
  ]);
  const { stdout, stderr } = ended(["sh", "-c", script.text]);
  expect(stderr).toBe("");
  return parseAnswer(stdout.trim())?.values ?? [];
}

const part = (machine: string, ...ports: string[]) =>
  writeFileSync(join(directory, `60-dev.${machine}.nft`), machinePart({ address: "10.42.1.2", ports }));

test("an unused port is free, and so is an empty list", () => {
  expect(refusal("web", "8080:80/tcp", "22:22/udp")).toEqual([]);
  expect(refusal("web")).toEqual([]);
});

test("a port that a process of the host listens on is refused with the name of the process", () => {
  expect(refusal("web", "8080:80/tcp", "22:22/tcp")).toEqual(["port-listening", "22 tcp sshd"]);
  expect(refusal("web", "20-30:20-30/tcp")).toEqual(["port-listening", "22 tcp sshd"]);
  expect(refusal("web", "53:53/udp")).toEqual(["port-listening", "53 udp systemd-resolve"]);
  expect(refusal("web", "631:631/tcp")).toEqual(["port-listening", "631 tcp a process"]);
});

test("the same port of another address of the host is another port", () => {
  expect(refusal("web", "192.0.2.9:443:443/tcp", "192.0.2.1:53:53/udp")).toEqual([]);
  expect(refusal("web", "192.0.2.1:443:443/tcp")).toEqual(["port-listening", "443 tcp nginx"]);
  expect(refusal("web", "192.0.2.9:22:22/tcp")).toEqual(["port-listening", "22 tcp sshd"]);
});

test("a port of another machine is refused with the name of the machine", () => {
  part("my.box", "8080:80/tcp", "9000-9010:1-11/udp");
  expect(refusal("web", "8080:81/tcp")).toEqual(["port-claimed", "8080 tcp my.box"]);
  expect(refusal("web", "8999-9001:80-82/udp")).toEqual(["port-claimed", "9000 udp my.box"]);
  expect(refusal("web", "9000:80/tcp")).toEqual([]);
});

test("ports that a machine has already are not checked again", () => {
  part("web", "22:22/tcp");
  expect(refusal("web", "22:22/tcp")).toEqual([]);
  expect(refusal("web", "22:23/tcp")).toEqual([]);
  expect(refusal("web", "21-22:21-22/tcp")).toEqual(["port-listening", "22 tcp sshd"]);
});
