import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import * as nspawn from "../../index";
import { keepBases, upWithKeptBases } from "../support/bases";
import { inBox } from "../support/box";
import { connectionTo } from "../support/connection";
import { generations } from "../support/generations";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";
import { withSystemctl } from "../support/systemctl";

const SECRET = "hunter2-is-no-secret";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C alice";

const MORE_KEYS = `${KEY} at home\n`;

/** Work inside a machine, on every generation of systemd. */
describe.each(generations("bookworm"))("work inside a machine on %s", (suite) => {
  let host: TestHost;
  let stack: Stack;
  let server: Server;
  let keysFrom: { url: string; sha256: string };

  beforeAll(async () => {
    host = await upWithKeptBases({ name: `provision-${suite}`, suite });
    stack = await Stack.create("dev");
    server = createServer((_request, response) => response.end(MORE_KEYS)).listen(0);
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const outer = (await host.sh("ip -4 route show default | cut -d ' ' -f 3 | head -n 1")).trim();
    keysFrom = {
      url: `http://${outer}:${port}/alice.keys`,
      sha256: createHash("sha256").update(MORE_KEYS).digest("hex"),
    };
  });

  afterAll(async () => {
    server.close();
    await stack.dispose();
    await keepBases(host);
    await host.down();
  });

  const alice: nspawn.ProvisionUser = {
    name: "alice",
    uid: 1500,
    groups: ["staff", "makers"],
    sudo: true,
    authorizedKeys: [KEY],
  };
  const files: nspawn.ProvisionFile[] = [
    { path: "/etc/motd", content: "Made by Pulumi.\n" },
    { path: "/home/alice/.config/tool/rc", content: "it's $HOME `x`\n", owner: "alice", group: "alice", mode: "0600" },
  ];
  const others: nspawn.ProvisionStep[] = [
    { name: "first", run: "echo first >>/var/log/steps", when: "once" },
    {
      name: "as alice",
      as: "alice",
      cwd: "work",
      environment: { WORD: "it's" },
      run: 'echo "$WORD $USER $HOME $(pwd)"; cat "$CREDENTIALS_DIRECTORY/token"; stat -c "%U %a" "$CREDENTIALS_DIRECTORY"/*; env',
      secrets: ["token"],
    },
    { name: "arguments", run: ["printf", "<%s>", "a b", "$HOME"] },
    { name: "together", run: { one: "echo 1; exit 0", two: ["sh", "-c", "echo 2"] } },
    { name: "with a check", run: "touch /srv/checked", check: "test -e /srv/checked" },
    { name: "script", run: "#!/usr/bin/perl\nprint 6 * 7;" },
    { name: "at the start", run: "echo start >>/var/log/starts", when: "start" },
  ];

  const program = (provision: Omit<nspawn.ProvisionArgs, "machine"> | undefined) => async () => {
    const rootfs = new nspawn.DebianRootfs("box", {
      host: connectionTo(host, "ops"),
      packages: ["sudo", "git", "openssh-server"],
    });
    const machine = new nspawn.NspawnMachine("box", { rootfs });
    if (provision === undefined) return {};
    // They are secret where the work has secrets.
    return { results: pulumi.unsecret(new nspawn.Provision("inside", { machine, ...provision }).results) };
  };
  const steps = [{ name: "room", as: "alice", run: "mkdir -p work" }, ...others];
  const whole = () => ({
    users: [{ ...alice, authorizedKeysFrom: [keysFrom] }],
    files,
    steps,
    secrets: { token: SECRET },
  });

  test("users, files and steps are made as requested", async () => {
    const made = await stack.up(program(whole()));
    expect(made.text).not.toContain("error:");
    const results = JSON.parse(JSON.stringify(made.outputs.results));
    expect(results["as alice"].output).toMatch(/^it's alice \/home\/alice \/home\/alice\/work\n\[secret\]alice 600\n/);
    expect(results["as alice"].output).not.toContain("DEBIAN_FRONTEND");
    expect(results).toMatchObject({
      arguments: { status: 0, output: "<a b><$HOME>" },
      together: { status: 0, output: "one: 1\ntwo: 2" },
      script: { status: 0, output: "42" },
      "with a check": { status: 0 },
    });
    expect(await inBox(host, "id alice; sudo -l -U alice | tail -1; cat /home/alice/.ssh/authorized_keys")).toMatch(
      /^uid=1500\(alice\) .*groups=.*staff.*makers.*\n.*NOPASSWD: ALL\nssh-ed25519 \S+ alice\nssh-ed25519 \S+ alice at home$/s,
    );
    expect(await inBox(host, 'cd /home/alice/.config/tool && stat -c "%U %G %a" . rc && cat rc /etc/motd')).toBe(
      "alice alice 755\nalice alice 600\nit's $HOME `x`\nMade by Pulumi.",
    );
  });

  test("a second run changes nothing, and the secret is only where it is wanted", async () => {
    expect(Object.keys((await stack.up(program(whole()))).changes)).toEqual(["same"]);
    expect(await stack.export()).not.toContain(SECRET);
    const found = `grep -rlsF ${SECRET} /run/pulumi-nspawn /var/lib/pulumi-nspawn /etc || :; journalctl | grep -cF ${SECRET} || :`;
    expect((await host.sh(found)).trim()).toBe("0");
    expect(await inBox(host, "ls -d /run/pulumi-nspawn-credentials.* 2>/dev/null || echo none")).toBe("none");
  });

  test("a failing step ends the work with its output, and the next run resumes there", async () => {
    const failing = (run: string) => ({
      ...whole(),
      steps: [
        ...steps,
        { name: "before", run: "echo before >>/var/log/steps" },
        { name: "bad", run },
        { name: "after", run: "echo after >>/var/log/steps" },
      ],
    });
    const failed = await stack.up(program(failing("echo the reason is here; false; echo not reached")));
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(/the step "bad" ended with exit status 1\..*the reason is here/s);
    expect(failed.text).not.toContain("not reached");
    const mended = await stack.up(program(failing("echo bad >>/var/log/steps")));
    expect(mended.text).not.toContain("error:");
    expect(await inBox(host, "cat /var/log/steps")).toBe("first\nbefore\nbad\nafter");
  });

  if (suite === "trixie") {
    const slow = (run: string) => ({ ...whole(), steps: [...steps, { name: "slow", run }] });
    const begun = () =>
      host.sh(
        "until systemctl -M box -q is-active pulumi-nspawn-provision && [ -e /var/lib/machines/box/begun ]; do sleep 0.2; done",
      );

    test("work continues while the connection is lost, and is followed to its end", async () => {
      const run = stack.up(program(slow("touch /begun; sleep 8; echo slow >>/var/log/slow")));
      await begun();
      await host.cutNetwork();
      await inBox(host, "while [ ! -e /var/log/slow ]; do sleep 0.2; done");
      await host.restoreNetwork();
      const followed = await run;
      expect(followed.text).not.toContain("error:");
      expect(JSON.parse(JSON.stringify(followed.outputs.results)).slow).toEqual({ status: 0, output: "" });
      expect(await inBox(host, "cat /var/log/slow; rm /begun")).toBe("slow");
    });

    test("work that is stopped on the host also ends inside, and the next run resumes there", async () => {
      const run = stack.up(program(slow("touch /begun; exec sleep 1234")));
      await begun();
      // As if systemd's second signal hit a systemctl that is still connecting to the machine's bus.
      const killed = 'case "$*" in "-M box stop "*) [ -e /run/killed ] || { : >/run/killed; exit 1; } ;; esac';
      await withSystemctl(host, killed, () => host.sh('systemctl stop "pulumi-nspawn-provision-box-*"'));
      await host.sh("rm /run/killed");
      expect((await run).ok).toBe(false);
      expect(
        await inBox(
          host,
          "systemctl is-active pulumi-nspawn-provision || :; cat /proc/*/cmdline | grep -c 123[4] || :",
        ),
      ).toBe("inactive\n0");
      const mended = await stack.up(program(slow("echo mended")));
      expect(mended.text).not.toContain("error:");
      expect(JSON.parse(JSON.stringify(mended.outputs.results)).slow.output).toBe("mended");
    });
  }

  test("start steps run at each start, even without Pulumi, and nothing else does", async () => {
    expect(await inBox(host, "cat /var/log/starts")).toBe("start");
    await host.sh("machinectl reboot box");
    await host.sh(
      'for try in $(seq 60); do [ "$(systemd-run -q -M box --pipe --wait cat /var/log/starts 2>/dev/null | wc -l)" != 2 ] || break; sleep 0.5; done',
    );
    expect(await inBox(host, "cat /var/log/starts")).toBe("start\nstart");
    expect((await stack.refresh()).text).not.toContain("error:");
    expect(Object.keys((await stack.up(program(whole()))).changes).sort()).toEqual(["same", "update"]);
    expect(await inBox(host, "cat /var/log/steps /var/log/starts")).toBe("first\nbefore\nbad\nafter\nstart\nstart");
  });

  test("manual changes are shown by a refresh, and repaired", async () => {
    await inBox(
      host,
      "echo other >/etc/motd; rm /srv/checked; gpasswd -d alice staff; chmod 0644 /home/alice/.config/tool/rc",
    );
    await stack.refresh();
    const preview = await stack.preview(program(whole()));
    expect(preview.text).toMatch(/repair: \/etc\/motd, \/home\/alice\/\.config\/tool\/rc, user alice, with a check/);
    expect((await stack.up(program(whole()))).text).not.toContain("error:");
    expect(await inBox(host, "cat /etc/motd; stat -c %a /home/alice/.config/tool/rc /srv/checked; id -Gn alice")).toBe(
      "Made by Pulumi.\n600\n644\nalice staff makers",
    );
  });

  test("repositories are cloned, with a deploy key if needed, and others' work is never touched", async () => {
    await inBox(
      host,
      'set -e; export HOME=/root; useradd -m -s /bin/bash git; cd /srv; git init -q --bare -b main web.git; git config --global user.email x@x; git config --global user.name x; git config --global safe.directory "*"; ' +
        "git clone -q web.git tmp; cd tmp; echo 1 >file; git add .; git commit -q -m one; git push -q origin main; chown -R git: /srv/web.git; " +
        'ssh-keygen -q -t ed25519 -N "" -f /root/deploy; su git -c "mkdir -p ~/.ssh"; cp /root/deploy.pub /home/git/.ssh/authorized_keys; chown -R git: /home/git/.ssh; systemctl start ssh',
    );
    const knownHosts = [`localhost ${await inBox(host, "cat /etc/ssh/ssh_host_ed25519_key.pub")}`];
    const deploy = await inBox(host, "cat /root/deploy");
    const url = "ssh://git@localhost/srv/web.git";
    const repository = { user: "alice", url, knownHosts, deployKey: "deploy" };
    const withRepositories = (branch?: string) => ({
      ...whole(),
      secrets: { token: SECRET, deploy },
      repositories: [
        { ...repository, branch, depth: 1 },
        { ...repository, directory: "src/dirty", blobless: true },
      ],
    });
    const cloned = await stack.up(program(withRepositories()));
    expect(cloned.text).not.toContain("error:");
    expect(
      await inBox(
        host,
        'cd /home/alice; cat web/file src/dirty/file; stat -c %U web/file; find / -xdev -name key -path "*credentials*"',
      ),
    ).toBe("1\n1\nalice");

    await inBox(
      host,
      "export HOME=/root; cd /srv/tmp && echo 2 >file && git commit -qam two && git push -q origin main; chown -R git: /srv/web.git; echo mine >/home/alice/src/dirty/file",
    );
    const changed = {
      ...withRepositories("main"),
      repositories: withRepositories("main").repositories.map((one) => ({ ...one, submodules: true })),
    };
    const again = await stack.up(program(changed));
    expect(again.text).toMatch(/warning: .*src\/dirty is left as it is: it has uncommitted changes/);
    expect(await inBox(host, "cd /home/alice; cat web/file src/dirty/file")).toBe("2\nmine");
  });

  test("items taken off the lists are removed if they were made here, and data stays", async () => {
    const less = {
      files: files.slice(0, 1),
      steps: steps.filter(({ as, when }) => as !== "alice" && when !== "start"),
    };
    expect((await stack.up(program(less))).text).not.toContain("error:");
    expect(
      await inBox(host, "id -u alice 2>/dev/null; ls -d /etc/sudoers.d/pulumi* /etc/systemd/system/pulumi* || :"),
    ).toBe("");
    expect(await inBox(host, "ls /home/alice/.config/tool /home/alice/web; cat /etc/motd")).toBe(
      "/home/alice/.config/tool:\n\n/home/alice/web:\nfile\nMade by Pulumi.",
    );
    expect((await stack.up(program(undefined))).text).not.toContain("error:");
    expect(await inBox(host, "ls -d /var/lib/pulumi-nspawn /srv/checked; tail -n 1 /var/log/steps")).toBe(
      "/srv/checked\nafter",
    );
    expect(await host.sh("ls /var/lib/pulumi-nspawn/provisions 2>/dev/null || :")).toBe("");
  });

  test("a stopped machine and a machine without a package are refused with what to do", async () => {
    const without = await stack.up(program({ users: [{ name: "bob", shell: "/bin/zsh" }] }));
    expect(without.text).toMatch(/there is no \/bin\/zsh, the shell of the user "bob"\. Add its package/);
    const keys = { ...keysFrom, sha256: "0".repeat(64) };
    const other = await stack.up(program({ users: [{ name: "bob", authorizedKeysFrom: [keys] }] }));
    expect(other.text).toMatch(
      /alice\.keys could not be fetched, or its hash is not the pinned one.*pin the new hash.*Hash/s,
    );
    await host.sh("systemctl stop systemd-nspawn@box");
    const stopped = await stack.up(program({ users: [{ name: "bob" }] }));
    expect(stopped.text).toMatch(/the machine "box" does not run\. Set `running: true`/);
  });
});
