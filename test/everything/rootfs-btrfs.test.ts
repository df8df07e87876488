import { setTimeout as pause } from "node:timers/promises";
import { signalFollowers } from "../support/followers";
import { type TestHost, up } from "../support/hosts";
import { type Made, Roots } from "../support/roots";

describe("roots on a trixie host, btrfs", () => {
  let host: TestHost;
  let roots: Roots;
  let one: Made;

  beforeAll(async () => {
    host = await up({ name: "rootfs-trixie", suite: "trixie", filesystem: "btrfs" });
    roots = new Roots(host, "careful");
  });
  afterAll(() => host?.down());

  test("a root that debootstrap built boots, and is deleted with the subvolumes in it", async () => {
    const root = await roots.create({
      name: "slow",
      suite: "trixie",
      builder: "debootstrap",
      packages: ["hello"],
      cache: false,
    });
    expect(root.state).toMatchObject({ builtWith: "debootstrap", cacheKey: "", osRelease: { codename: "trixie" } });
    expect(root.state.installedPackages).toHaveProperty("hello");
    expect(await host.sh("ls -A /var/lib/machines/.pulumi-cache | grep -v lock || :")).toBe("");
    const leftovers = "cd /var/lib/machines/slow/etc; ls -A dpkg/dpkg.cfg.d apt/apt.conf.d | grep pulumi || :";
    expect(await host.sh(leftovers)).toBe("");
    expect(await roots.boot("slow")).toBe("running");
    await host.sh("systemctl stop systemd-nspawn@slow; btrfs subvolume create /var/lib/machines/slow/srv/nested");
    await roots.delete(root);
    expect(await host.sh("ls -A /var/lib/machines | grep -v '^\\.pulumi-cache$' || :")).toBe("");
  });

  test("a build is followed again when its follower stalls, and the stalled follower ends by itself", async () => {
    const stalled = new Roots(host, "careful");
    const made = stalled.create({ name: "one", suite: "trixie" });
    await stalled.shows(/^(downloading|unpacking)/);
    expect(await signalFollowers(host, "STOP")).not.toBe("");
    one = await made;
    expect(stalled.reported).toContain("following it again: nothing was heard from it for 60 s");
    await signalFollowers(host, "CONT");
    while ((await signalFollowers(host, "0")) !== "") await pause(200);
  });

  test("roots of one base are snapshots of it, distinguished by their subvolumes", async () => {
    const two = await roots.create({ name: "two", suite: "trixie" });
    expect(await host.sh("btrfs subvolume show /var/lib/machines/one | grep -c 'Parent UUID:.*-'")).toBe("1\n");
    await inAnEphemeralMachine(roots, "one", async () => {
      await expect(roots.delete(one)).rejects.toThrow("its unit systemd-nspawn@copy.service is active");
    });
    const next = await roots.create({ name: "one", suite: "trixie", dataLoss: "allow" });
    await roots.delete(one);
    expect(await roots.read(next)).not.toBe("gone");
    expect(await roots.read(two)).not.toBe("gone");
    for (const root of [next, two]) await roots.delete(root);
    expect(await host.sh("btrfs subvolume list /var/lib/machines | wc -l")).toBe("1\n");
  });
});

/** Runs `work` while a machine with its own name runs from a copy of a root. */
async function inAnEphemeralMachine(roots: Roots, root: string, work: () => Promise<void>): Promise<void> {
  const directory = "/run/systemd/system/systemd-nspawn@copy.service.d";
  const command = `systemd-nspawn --quiet --keep-unit --boot --machine=copy --directory=/var/lib/machines/${root} --ephemeral`;
  const dropIn = `[Service]\\nExecStart=\\nExecStart=${command}\\n`;
  await roots.host.sh(`mkdir -p ${directory}; printf '${dropIn}' >${directory}/copy.conf; systemctl daemon-reload`);
  try {
    await roots.boot("copy");
    await work();
  } finally {
    await roots.host.sh(`systemctl stop systemd-nspawn@copy; rm -r ${directory}; systemctl daemon-reload`);
  }
}
