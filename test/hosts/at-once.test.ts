import * as nspawn from "../../index";
import { connectionTo } from "../support/connection";
import { generations, stable } from "../support/generations";
import { type TestHost, up } from "../support/hosts";
import { answering, ask, outside } from "../support/network";
import { Stack } from "../support/stack";
import { withSystemctl } from "../support/systemctl";

/** Machines of one network, each with its own root; two sets share only the host. */
interface Machines {
  readonly name: string;
  readonly machines: number;
  readonly subnet: string;
  readonly firstPort: number;
  readonly memory?: string;
  readonly greeting?: string;
}

const EIGHT: Machines = { name: "box", machines: 8, subnet: "10.42.1.0/24", firstPort: 8081 };
const CHANGED: Machines = { ...EIGHT, memory: "300MiB", greeting: "changed" };
const ONE: Machines = { name: "one", machines: 4, subnet: "10.43.1.0/24", firstPort: 8101 };
const TWO: Machines = { name: "two", machines: 4, subnet: "10.43.2.0/24", firstPort: 8201 };

/** Records each query for a machine's state that is ended from outside, as timeout(1) does. */
const ENDED = "/run/test-ended";
const noting = `case "$*" in *is-system-running*)
  trap 'echo "$*" >>${ENDED}; kill "$asked"; exit 1' TERM
  /usr/bin/systemctl.real "$@" & asked=$!
  wait "$asked"; exit
esac`;

describe.each(generations("bookworm", "forky"))("concurrent work on a %s host", (suite) => {
  let host: TestHost;
  let before: string[];
  let eight: Stack;
  let one: Stack;
  let two: Stack;

  beforeAll(async () => {
    host = await up({ name: `at-once-${suite}`, suite, filesystem: suite === stable ? "btrfs" : "ext4" });
    // The very first boot runs services that no later boot runs.
    await host.reboot();
    before = await host.snapshot();
    eight = await Stack.create("eight");
    one = await Stack.create("one");
    two = await Stack.create("two");
  });

  afterAll(async () => {
    for (const stack of [eight, one, two]) await stack.dispose();
    await host.down();
  });

  const names = ({ name, machines }: Machines) =>
    Array.from({ length: machines }, (_, index) => `${name}-${index + 1}`);

  const program = (set: Machines) => async () => {
    const server = new nspawn.Host("server", { connection: connectionTo(host), parallel: 9 });
    const network = new nspawn.VethNetwork(set.name, { host: server, subnet: set.subnet, dns: "stub" });
    const made = names(set).map((name, index) => {
      const rootfs = new nspawn.DebianRootfs(name, { host: server, suite: "trixie", ...answering });
      const source = `/srv/at-once/${name}`;
      const shared = new nspawn.BindMount(name, {
        host: server,
        source,
        target: "/mnt",
        create: { owner: 0, group: 0 },
      });
      return new nspawn.NspawnMachine(name, {
        rootfs,
        networks: [network.attach({ ports: [`${set.firstPort + index}:80`] })],
        mounts: [shared],
        autostart: true,
        hostname: `${name}${set.greeting ?? ""}`,
        ...(set.memory !== undefined && { limits: { memory: set.memory } }),
      });
    });
    return { addresses: made.map(({ address }) => address) };
  };

  async function make(stack: Stack, set: Machines): Promise<void> {
    const { text, outputs } = await stack.up(program(set));
    expect(text).not.toContain("error:");
    const { addresses } = outputs;
    if (!Array.isArray(addresses)) throw new Error("no addresses");
    expect(new Set(addresses).size).toBe(set.machines);
    const greetings = names(set).map((_, index) => ask(host.address, set.firstPort + index));
    expect(await Promise.all(greetings)).toEqual(names(set).map((name) => `${name}${set.greeting ?? ""} ${outside}`));
    const units = names(set).map((name) => `systemd-nspawn@${name}`);
    const enabled = await host.sh(`systemctl is-enabled ${units.join(" ")}`);
    expect(enabled.trim().split("\n")).toEqual(units.map(() => "enabled"));
  }

  async function remove(stack: Stack): Promise<void> {
    expect((await stack.destroy()).text).not.toContain("error:");
  }

  /** Runs `work` while networkd is reloaded in a loop on the host. */
  async function whileReloading(work: () => Promise<void>): Promise<void> {
    const unit = "test-reloading";
    await host.sh(`systemd-run -q --unit=${unit} sh -c 'while :; do networkctl reload || :; sleep 0.1; done'`);
    try {
      await work();
    } finally {
      await host.sh(`systemctl stop ${unit}`);
    }
  }

  test("eight machines are made from an empty cache while networkd reloads, and no wait times out", async () => {
    await withSystemctl(host, noting, () => whileReloading(() => make(eight, EIGHT)));
    expect(await host.sh(`cat ${ENDED} 2>/dev/null || :`)).toBe("");
  });

  test("all of them are changed, removed, and made again from a warm cache", async () => {
    await make(eight, CHANGED);
    expect(await host.sh("systemctl show -p MemoryMax --value systemd-nspawn@box-8")).toBe("314572800\n");
    await remove(eight);
    expect(await host.snapshot()).toEqual(before);
    await make(eight, EIGHT);
    await remove(eight);
  });

  test("six networks at once may each restart systemd-resolved", async () => {
    // The start limit covers a longer time than the test takes.
    const dropIn = "/run/systemd/system/systemd-resolved.service.d/test.conf";
    const limit = "[Unit]\nStartLimitIntervalSec=1h\n";
    await host.sh(`mkdir -p "$(dirname ${dropIn})" && printf '${limit}' >${dropIn} && systemctl daemon-reload`);
    const six = async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host), parallel: 9 });
      for (const place of [1, 2, 3, 4, 5, 6]) {
        new nspawn.VethNetwork(`net${place}`, { host: server, subnet: `10.44.${place}.0/24`, dns: "stub" });
      }
    };
    expect((await eight.up(six)).text).not.toContain("error:");
    expect(await host.sh("systemctl is-active systemd-resolved")).toBe("active\n");
    await remove(eight);
    await host.sh(`rm -r "$(dirname ${dropIn})" && systemctl daemon-reload`);
    expect(await host.snapshot()).toEqual(before);
  });

  test("two stacks make and remove their machines at the same time", async () => {
    for (const round of suite === stable ? [1, 2] : [1]) {
      await Promise.all([make(one, ONE), make(two, TWO)]);
      await Promise.all([remove(one), remove(two)]);
      expect({ round, left: await host.snapshot() }).toEqual({ round, left: before });
    }
  });
});
