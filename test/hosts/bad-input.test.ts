import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import * as nspawn from "../../index";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import type { Run } from "../support/run";
import { Stack } from "../support/stack";

/** Each message is checked for what a user needs: what was attempted, where, what happened, and what to do. */
describe("bad input gets a clear error before anything is made", () => {
  let host: TestHost;
  let small: TestHost;
  let bare: TestHost;
  let stack: Stack;

  beforeAll(async () => {
    host = await up({ name: "bad-input", suite: "trixie" });
    small = await up({ name: "bad-small", suite: "trixie", imageSize: "200M" });
    bare = await up({ name: "bad-bare", suite: "trixie", bare: true });
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
    await small.down();
    await bare.down();
  });

  const rootOn =
    (on: TestHost, args: Partial<nspawn.DebianRootfsArgs>): PulumiFn =>
    async () => {
      new nspawn.DebianRootfs("box", { host: { connection: connectionTo(on) }, ...args });
    };

  async function failed(running: Promise<Run>): Promise<string> {
    const run = await running;
    if (run.ok) throw new Error(`the run was expected to fail; it said: ${run.text}${JSON.stringify(run.changes)}`);
    const { text } = run;
    expect(text).not.toMatch(/^\s+at .*\.(ts|js):\d+/m);
    return text;
  }

  async function expectNothingMade(on: TestHost): Promise<void> {
    expect(await on.sh("ls -A /var/lib/machines | grep -v -e '^\\.#' -e lost+found -e '^\\.pulumi-cache$' || :")).toBe(
      "",
    );
    expect(await on.sh("ls -A /var/lib/pulumi-nspawn/rootfs /etc/systemd/nspawn 2>/dev/null | grep json || :")).toBe(
      "",
    );
  }

  test("an unknown suite is refused in the preview, with the known ones", async () => {
    const text = await failed(stack.preview(rootOn(host, { suite: "bookwurm" })));
    expect(text).toMatch(/suite: .*"bookwurm".*bookworm.*trixie/s);
  });

  test.each([
    ["under_score", /"under_score" is not a machine name: it has an underscore.*"under-score"/],
    ["a".repeat(65), /is not a machine name: it has 65 characters, and systemd allows 64/],
    [".dots.", /"\.dots\." is not a machine name: it begins or ends with a dot.*"dots"/],
  ])("the machine name %j, in the preview, with a valid one", async (name, message) => {
    expect(await failed(stack.preview(rootOn(host, { name })))).toMatch(message);
  });

  test("two resources that claim one name are refused in the preview, with the URN of the first", async () => {
    const text = await failed(
      stack.preview(async () => {
        const connection = { connection: connectionTo(host) };
        new nspawn.DebianRootfs("one", { host: connection, name: "box" });
        new nspawn.DebianRootfs("two", { host: connection, name: "box" });
      }),
    );
    expect(text).toMatch(/the root "box" on .* is already claimed by urn:pulumi:dev::e2e::.*DebianRootfs::(one|two)/);
  });

  test("a package that does not exist is reported with apt's own line", async () => {
    const text = await failed(stack.up(rootOn(host, { packages: ["no-such-package"] })));
    expect(text).toMatch(/could not make the root "box" on .*no-such-package/);
    expect(text).toContain("E: Unable to locate package no-such-package");
    await expectNothingMade(host);
  });

  test("a mirror that does not answer is named", async () => {
    const text = await failed(stack.up(rootOn(host, { mirrors: ["http://127.0.0.1:9/debian"] })));
    expect(text).toMatch(/could not make the root "box" on .*: a mirror does not answer\. Check `mirrors`/);
    expect(text).toContain("127.0.0.1:9");
    await expectNothingMade(host);
  });

  test("lack of space is reported with what is needed and what is free", async () => {
    const text = await failed(stack.up(rootOn(small, {})));
    expect(text).toMatch(/not enough space in \/var\/lib\/machines: about \d+ MiB are needed, \d+ MiB are free/);
    await expectNothingMade(small);
  });

  test("a host without systemd-container is refused with the command that fixes it", async () => {
    const direct = await failed(stack.up(rootOn(bare, {})));
    expect(direct).toMatch(
      /systemd-container.*not installed.*apt-get install --no-install-recommends .*systemd-container/s,
    );
    const byHost = await failed(
      stack.up(async () => {
        new nspawn.Host("bare", { connection: connectionTo(bare) });
      }),
    );
    expect(byHost).toMatch(/systemd-container.*not installed.*`install: true`.*sudo apt-get install/s);
  });

  test("a missing SSH key is reported with the path that was tried", async () => {
    const { privateKeyPath: _key, ...connection } = connectionTo(host);
    const text = await failed(
      stack.up(async () => {
        new nspawn.Host("host", {
          connection: { ...connection, agent: false, sshConfigFile: "/dev/null", privateKeyPath: "/nonexistent/key" },
        });
      }),
    );
    expect(text).toMatch(/could not prepare the host on root@.*key/s);
    expect(text).toContain("/nonexistent/key");
  });

  test("an unknown host key is reported with its fingerprint and the known_hosts line", async () => {
    const empty = join(stack.directory, "empty");
    await writeFile(empty, "");
    const text = await failed(
      stack.up(
        async () => void new nspawn.Host("host", { connection: { ...connectionTo(host), knownHostsFile: empty } }),
      ),
    );
    expect(text).toMatch(/SHA256:[A-Za-z0-9+/]{43}/);
    expect(text).toMatch(/known_hosts|knownHostsFile|ssh-keyscan|hostKey/);
  });

  test("a changed host key is reported with both fingerprints and the line to fix", async () => {
    const wrong = join(stack.directory, "wrong");
    await writeFile(wrong, `${host.address} ${small.hostKey}\n`);
    const text = await failed(
      stack.up(
        async () => void new nspawn.Host("host", { connection: { ...connectionTo(host), knownHostsFile: wrong } }),
      ),
    );
    expect(text.match(/SHA256:[A-Za-z0-9+/]{43}/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text).toContain(`${wrong}:1`);
    expect(text).toMatch(/ssh-keygen .*-R/);
  });

  test("a missing sudo right is reported with the sudoers line", async () => {
    const text = await failed(
      stack.up(async () => void new nspawn.Host("host", { connection: connectionTo(host, "nosudo") })),
    );
    expect(text).toMatch(/nosudo.*sudo/s);
    expect(text).toMatch(/sudoers|NOPASSWD/);
  });

  test("a foreign root and a foreign machine of that name are refused with the adopt line", async () => {
    await host.sh("mkdir -p /var/lib/machines/box/etc && echo kept >/var/lib/machines/box/etc/mine");
    const root = await failed(stack.up(rootOn(host, {})));
    expect(root).toMatch(/\/var\/lib\/machines\/box that pulumi-nspawn did not make.*`adopt: true`/s);
    await host.sh("mkdir -p /etc/systemd/nspawn && echo '[Exec]' >/etc/systemd/nspawn/box.nspawn");
    const machine = await failed(
      stack.up(async () => {
        const rootfs = { id: "box@1", name: "box", host: { connection: connectionTo(host) } };
        new nspawn.NspawnMachine("box", { rootfs });
      }),
    );
    expect(machine).toMatch(/a machine "box" already that pulumi-nspawn did not make.*`adopt: true`/s);
    expect(await host.sh("cat /var/lib/machines/box/etc/mine /etc/systemd/nspawn/box.nspawn")).toBe("kept\n[Exec]\n");
    await host.sh("rm -rf /var/lib/machines/box /etc/systemd/nspawn");
    await stack.destroy();
  });
});
