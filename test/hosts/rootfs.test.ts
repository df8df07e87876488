import { stopJobs } from "../../provider/host/jobs/transient-unit";
import { generations } from "../support/generations";
import { type TestHost, up } from "../support/hosts";
import { startProxy } from "../support/hosts/proxy";
import { withForgetfulNameServer } from "../support/name-server";
import { ProviderProcess } from "../support/provider-process";
import { type Made, Roots, urnOf } from "../support/roots";

const MARKERS = "/var/lib/pulumi-nspawn/rootfs";

describe.each(generations("bookworm"))("roots on a %s host, ext4", (suite) => {
  let host: TestHost;
  let roots: Roots;
  let alpha: Made;
  let beta: Made;

  beforeAll(async () => {
    host = await up({ name: `rootfs-${suite}`, suite });
    roots = new Roots(host, "ops");
  });
  afterAll(() => host?.down());

  const news = (name: string) => ({ ...plain(roots.inputs({ name })), __urn: urnOf(name) });
  const buildsStarted = () => host.sh("journalctl -o cat -u 'pulumi-nspawn-base-*' | grep -c '^Started ' || :");

  // Apt 3 resumes by itself and is not tested here.
  if (suite === "bookworm")
    test("a build resumes after one failed name lookup", async () => {
      // The test host's own apt is configured without such delays, and builders follow the host's apt.
      await host.sh("sed -i '/Retries::Delay/d' /etc/apt/apt.conf.d/90outer-machine");
      await withForgetfulNameServer(host, async () => {
        const interrupted = new Roots(host, "ops");
        const ended = expect(interrupted.create({ name: "alpha" })).rejects.toThrow(/it was stopped/);
        await interrupted.shows(/^downloading/);
        await stopJobs();
        await ended;
      });
    });

  test("a build is stopped on demand, and says so", async () => {
    const stopped = new Roots(host, "ops");
    const ended = expect(stopped.create({ name: "alpha" })).rejects.toThrow(
      /it was stopped\. The next `pulumi up` starts it again/,
    );
    await stopped.shows(/^(downloading|unpacking)/);
    await stopJobs();
    await ended;
    expect(await host.sh("systemctl is-active 'pulumi-nspawn-base-*' || :")).not.toMatch(/^active/m);
  });

  test("a killed provider's build is joined, two roots share it, and a lost connection is made again", async () => {
    const killed = await ProviderProcess.start();
    const { inputs } = await killed.check("DebianRootfs", {}, news("alpha"));
    const ended = killed.create("DebianRootfs", inputs).catch(() => "killed");
    await until(() => killed.messages.some(({ text }) => /^(downloading|unpacking)/.test(text)));
    await killed.stop();
    expect(await ended).toBe("killed");

    const proxy = await startProxy({ host: host.address, port: host.port });
    const far = new Roots(host, "ops", { host: proxy.address, port: proxy.port, hostKey: [host.hostKey] });
    const both = Promise.all([roots.create({ name: "alpha" }), far.create({ name: "beta" })]);
    await far.shows(/^(unpacking|configuring)/);
    proxy.cut();
    [alpha, beta] = await both;
    await proxy.close();

    expect(proxy.connections()).toBe(2);
    expect(alpha.state.cacheKey).toBe(beta.state.cacheKey);
    expect(await buildsStarted()).toBe(suite === "bookworm" ? "3\n" : "2\n");
    expect(roots.reported).toContainEqual(expect.stringMatching(/^configuring \d+ of \d+ packages$/));
    // Its state must name the host as the others do.
    beta = { id: beta.id, state: { ...beta.state, host: alpha.state.host } };
  });

  test("a root is complete, without a host name, a machine ID or device nodes", async () => {
    expect(alpha.id).toMatch(/^alpha@[a-z2-9]{8}$/);
    expect(alpha.state).toMatchObject({
      architecture: "amd64",
      builtWith: "mmdebstrap",
      osRelease: { codename: "trixie", versionId: "13" },
    });
    const root = "/var/lib/machines/alpha";
    expect(
      await host.sh(
        `ls ${root}/etc/hostname 2>/dev/null; cat ${root}/etc/machine-id; ls -A ${root}/dev; ls -ld ${root} | cut -c 1-10`,
      ),
    ).toBe("drwxr-xr-x\n");
    expect(await host.sh(`grep -c '^root:\\*:' ${root}/etc/shadow`)).toBe("1\n");
    expect(await host.sh(`readlink ${root}/etc/resolv.conf`)).toBe("../run/systemd/resolve/stub-resolv.conf\n");
    expect(await host.sh(`grep -c 'signed-by' ${root}/etc/apt/sources.list`)).toBe("3\n");
    expect(
      await host.sh(`ls -A ${root}/etc/dpkg/dpkg.cfg.d ${root}/etc/apt/apt.conf.d | grep -E 'mmdebstrap|pulumi' || :`),
    ).toBe("");
  });

  test("a read finds a root as it was made", async () => {
    expect(await roots.read(alpha)).toEqual({ ...alpha.state, drift: {} });
  });

  test("packages are added to and removed from a stopped root, and added ones are known", async () => {
    alpha = await roots.update(alpha, { packages: ["hello", "bc"] });
    expect(Object.keys(alpha.state.installedPackages)).toEqual(["bc", "hello"]);
    alpha = await roots.update(alpha, { packages: ["hello"] });
    expect(await roots.inside("alpha", "hello; command -v bc || echo no bc")).toBe("Hello, world!\nno bc");
    expect(
      await host.sh(
        "ls -A /var/lib/machines/alpha/dev /var/lib/machines/alpha/run; ls /var/lib/machines/alpha/usr/sbin | grep -c policy-rc.d || :",
      ),
    ).toMatch(/\n0\n$/);
  });

  test("a package that was removed by hand is missing in a read, and an update installs it again", async () => {
    await roots.inside("alpha", "dpkg --purge hello");
    const found = await roots.read(alpha);
    expect(found).toMatchObject({ packages: [], installedPackages: {} });
    if (found === "gone") throw new Error("the root is gone");
    alpha = await roots.update({ id: alpha.id, state: found }, { packages: ["hello"] });
    expect(await roots.inside("alpha", "hello")).toBe("Hello, world!");
  });

  test("a package that does not exist fails with apt's own line, in a root and in a base", async () => {
    const message = /trixie has no package "no-such-thing" in main.*\n.*E: Unable to locate package no-such-thing/;
    await expect(roots.update(alpha, { packages: ["hello", "no-such-thing"] })).rejects.toThrow(message);
    await expect(roots.create({ name: "gamma", packages: ["no-such-thing"] })).rejects.toThrow(message);
    expect(await host.sh("ls /var/lib/machines")).toBe("alpha\nbeta\n");
  });

  test("a mirror that does not answer is named, with what to do", async () => {
    const mirrors = ["http://127.0.0.1:9/debian"];
    await expect(roots.create({ name: "gamma", mirrors })).rejects.toThrow(
      /a mirror does not answer\. Check `mirrors`.*\n.*127\.0\.0\.1:9/s,
    );
  });

  test("settings are applied in the stopped root, and no secret is left on the host", async () => {
    const secret = "s3cret'\"$HOME\\x";
    beta = await roots.update(beta, {
      locale: "C.UTF-8",
      hostname: "renamed",
      timezone: "Europe/Berlin",
      rootPassword: secret,
      authorizedKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me"],
      files: [{ path: "/etc/one two/three", content: "$HOME 'x'\n", mode: "0640", owner: "daemon", group: "adm" }],
    });
    expect(
      await roots.inside(
        "beta",
        "cat /etc/hostname /etc/timezone /root/.ssh/authorized_keys; stat -c %a:%U:%G /etc/one*/three; cat /etc/one*/three",
      ),
    ).toBe("renamed\nEurope/Berlin\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me\n640:daemon:adm\n$HOME 'x'");
    expect(await host.sh("grep -c '^root:\\$' /var/lib/machines/beta/etc/shadow")).toBe("1\n");
    expect(
      await host.sh(
        "grep -rlF s3cret /var/lib/pulumi-nspawn /run /etc /var/lib/machines/beta 2>/dev/null || :; journalctl | grep -cF s3cret || :",
      ),
    ).toBe("0\n");
    beta = await roots.update(beta, {});
    expect(await host.sh("grep -c '^root:\\*:' /var/lib/machines/beta/etc/shadow")).toBe("1\n");
  });

  test("a setup script runs once inside the new root, and its failure leaves nothing behind", async () => {
    const setup = "#!/bin/bash\nset -o pipefail\necho $BASH_VERSION $(id -u) >/etc/set-up";
    const gamma = await roots.create({ name: "gamma", setup });
    expect(await host.sh("cat /var/lib/machines/gamma/etc/set-up")).toMatch(/^5\..* 0\n$/);
    await roots.delete(gamma);
    await expect(roots.create({ name: "gamma", setup: "echo oh dear >&2; false" })).rejects.toThrow(/oh dear/);
    expect(await host.sh(`ls -A /var/lib/machines ${MARKERS} | grep gamma || :`)).toBe("");
  });

  describe("while a machine runs from it", () => {
    beforeAll(async () => {
      const settings = "[Network]\\nVirtualEthernet=no\\n[Exec]\\nPrivateUsers=no\\n";
      await host.sh(`mkdir -p /run/systemd/nspawn && printf '${settings}' >/run/systemd/nspawn/beta.nspawn`);
      await roots.boot("beta");
    });
    afterAll(() => host.sh("systemctl stop systemd-nspawn@beta"));

    const inside = (command: string) => host.sh(`systemd-run -q -M beta --pipe --wait --collect sh -c '${command}'`);

    test("packages and settings change in the machine", async () => {
      beta = await roots.update(beta, { packages: ["hello", "openssh-client", "openssh-server"], hostname: "live" });
      expect(await inside("hello; hostname")).toBe("Hello, world!\nlive\n");
    });

    test("a package that is no longer listed goes, but not one that a listed one needs", async () => {
      beta = await roots.update(beta, { packages: ["openssh-server"], hostname: "live" });
      expect(await inside("command -v hello || echo none; ls /usr/bin/ssh /usr/sbin/sshd")).toBe(
        "none\n/usr/bin/ssh\n/usr/sbin/sshd\n",
      );
      expect(await inside("apt-mark showmanual | grep openssh")).toBe("openssh-server\n");
      expect(roots.reported).toContain("note: removed: hello");
      expect(roots.reported).toContainEqual(expect.stringMatching(/^note: .* kept .*: openssh-client$/));
    });

    test("a package that does not exist fails with apt's own line, which is in the journal that is named", async () => {
      const line = "E: Unable to locate package no-such-thing";
      await expect(roots.update(beta, { packages: ["openssh-server", "no-such-thing"] })).rejects.toThrow(line);
      expect(await host.sh("journalctl -o cat -u 'pulumi-nspawn-packages-beta-*'")).toContain(line);
    });

    test("the root cannot be removed", async () => {
      await expect(roots.delete(beta)).rejects.toThrow(
        "its unit systemd-nspawn@beta.service is active. Remove or stop its machine first",
      );
      expect(await roots.read(beta)).not.toBe("gone");
    });
  });

  test("an existing root or tree is refused with how to continue", async () => {
    await expect(roots.create({ name: "alpha" })).rejects.toThrow(
      /a finished root of this very resource.*dataLoss: "allow"/,
    );
    await expect(roots.create({ name: "alpha" }, urnOf("somebody"))).rejects.toThrow(
      /belongs to urn:pulumi:test::roots::.*::alpha\..*adopt: true/s,
    );
    await host.sh("mkdir /var/lib/machines/foreign");
    await expect(roots.create({ name: "foreign" })).rejects.toThrow(
      /at \/var\/lib\/machines\/foreign that pulumi-nspawn did not make.*adopt: true/s,
    );
    await host.sh("ln -s /srv /var/lib/machines/link");
    await expect(roots.create({ name: "link" })).rejects.toThrow(
      /at \/var\/lib\/machines\/link that pulumi-nspawn did not make/,
    );
    await host.sh("rmdir /var/lib/machines/foreign; rm /var/lib/machines/link");
  });

  test("an adopted root keeps its contents, and its former owner can do nothing to it", async () => {
    await host.sh("touch /var/lib/machines/alpha/etc/precious");
    const taken = await roots.create({ name: "alpha", adopt: true }, urnOf("somebody"));
    expect(taken.id).toBe(alpha.id);
    expect(await roots.read(alpha)).toBe("gone");
    await expect(roots.update(alpha, { hostname: "mine" })).rejects.toThrow(/belongs to .*somebody/);
    await roots.delete(alpha);
    expect(await host.sh("ls /var/lib/machines/alpha/etc/precious")).toBe("/var/lib/machines/alpha/etc/precious\n");
    await expect(roots.create({ name: "alpha", adopt: true, suite: "bookworm" }, urnOf("somebody"))).rejects.toThrow(
      'suite: "trixie"',
    );
    alpha = { id: taken.id, state: { ...taken.state, packages: [] } };
  });

  test("a replacement waits, and takes the name when the old root is deleted", async () => {
    const next = await roots.create({ name: "alpha", dataLoss: "allow" }, urnOf("somebody"));
    expect(next.id).not.toBe(alpha.id);
    expect(await host.sh("ls -A /var/lib/machines | grep alpha")).toBe(
      `.pulumi-alpha.${next.state.generation}\nalpha\n`,
    );
    expect(await roots.read(next)).toMatchObject({ generation: next.state.generation });
    await roots.delete(alpha);
    expect(
      await host.sh("ls -A /var/lib/machines | grep alpha; ls /var/lib/machines/alpha/etc/precious 2>/dev/null || :"),
    ).toBe("alpha\n");
    expect(await roots.read(next)).toMatchObject({ generation: next.state.generation });
    await roots.delete(alpha);
    alpha = next;
  });

  test("a tree that somebody put in a root's place is not claimed, and never deleted", async () => {
    await host.sh("cd /var/lib/machines && mv alpha elsewhere && mkdir -p alpha/etc && touch alpha/etc/handmade");
    expect(await roots.read(alpha)).toBe("gone");
    await roots.delete(alpha);
    expect(await host.sh("ls /var/lib/machines/alpha/etc")).toBe("handmade\n");
    await host.sh("rm -r /var/lib/machines/alpha /var/lib/machines/elsewhere");
  });

  test("a root with a mount below it is not removed, but one with an immutable file is", async () => {
    await host.sh(
      "mount -t tmpfs none /var/lib/machines/beta/mnt; touch /var/lib/machines/beta/fixed; chattr +i /var/lib/machines/beta/fixed",
    );
    await expect(roots.delete(beta)).rejects.toThrow(
      /file systems are mounted in it.*\n.*\/var\/lib\/machines\/beta\/mnt/,
    );
    await host.sh("umount /var/lib/machines/beta/mnt");
    await roots.delete(beta);
    await roots.delete(beta);
    expect(await host.sh("ls -A /var/lib/machines; ls -d /var/lib/pulumi-nspawn 2>/dev/null || :")).toBe(
      ".pulumi-cache\n",
    );
  });
});

test("on a host without enough space, the error says how much is needed before anything is made", async () => {
  const host = await up({ name: "rootfs-small", suite: "trixie", imageSize: "300M" });
  try {
    await expect(new Roots(host).create({ name: "box" })).rejects.toThrow(
      /not enough space in \/var\/lib\/machines: about \d+ MiB are needed, \d+ MiB are free/,
    );
    expect(await host.sh("ls -A /var/lib/machines | grep -v lost+found || :")).toBe("");
  } finally {
    await host.down();
  }
});

test("a host without systemd-container and a builder is refused with the command that adds them", async () => {
  const host = await up({ name: "rootfs-bare", suite: "trixie", bare: true });
  try {
    await expect(new Roots(host).create({ name: "box" })).rejects.toThrow(
      /install: true.*\n.*sudo apt-get install --no-install-recommends systemd-container mmdebstrap/s,
    );
  } finally {
    await host.down();
  }
});

function plain(value: object): { [key: string]: never } {
  return JSON.parse(JSON.stringify(value));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}
