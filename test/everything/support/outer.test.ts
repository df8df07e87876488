import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../../scripts/tools/command";
import { settings } from "../../support/hosts/outer";
import { script } from "../../support/hosts/paths";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "outer-"));
  await mkdir(join(directory, "fs/inotify"), { recursive: true });
  await writeFile(join(directory, "fs/inotify/max_user_instances"), "128\n");
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/**
 * Runs a script in its own network namespace, with files in place of the kernel's limits, since hosts may be up
 * meanwhile.
 */
async function elsewhere(text: string): Promise<string> {
  const env = { ...(await settings()), STATE: join(directory, "state"), OUTER: script("outer.sh") };
  const prelude = `set -eu; mount --bind ${join(directory, "fs")} /proc/sys/fs; echo 0 >/proc/sys/net/ipv4/ip_forward\n`;
  return command("unshare", ["--net", "--mount", "sh", "-c", prelude + text], { env });
}

const show = `
describe() {
  ip -oneline -4 address show | awk '{print $2, $4}'
  cat /proc/sys/net/ipv4/ip_forward /proc/sys/fs/inotify/max_user_instances
  nft list ruleset
}
`;

test("what hosts share is made once, and is undone without a trace", async () => {
  const text = await elsewhere(`${show}
    describe >$STATE.before
    sh "$OUTER" up; sh "$OUTER" up
    describe
    sh "$OUTER" down; sh "$OUTER" down
    describe | diff $STATE.before -
  `);
  expect(text).toMatch("pnspawn0 198.18.240.1/24\n1\n8192\ntable ip pulumi-nspawn-hosts {");
  expect(text.match(/masquerade/g)).toHaveLength(1);
});

test("packets get through even if another program's rules drop unknown ones", async () => {
  const chain = "'{ type filter hook forward priority 0; policy drop; }'";
  const text = await elsewhere(`${show}
    nft add table ip filter; nft add chain ip filter FORWARD ${chain}
    nft add rule ip filter FORWARD iifname docker0 accept
    describe >$STATE.before
    sh "$OUTER" up; sh "$OUTER" up
    nft list chain ip filter FORWARD
    sh "$OUTER" down
    describe | diff $STATE.before -
  `);
  expect(text.match(/[io]ifname "pnspawn0" accept/g)).toHaveLength(2);
});
