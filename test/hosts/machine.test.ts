import { upWithBase } from "../support/bases";
import { type BoxOptions, box, inBox } from "../support/box";
import type { User } from "../support/connection";
import { ofGenerations, stable } from "../support/generations";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";

const hosts = [
  { suite: "trixie", filesystem: "btrfs", user: "ops" },
  { suite: "bookworm", filesystem: "ext4", user: "root" },
  { suite: "forky", filesystem: "ext4", user: "careful" },
] as const satisfies readonly { suite: string; filesystem: string; user: User }[];

/** Host and machine have the same release. */
describe.each(ofGenerations(hosts))(
  "a machine on a $suite host, $filesystem, as $user",
  ({ suite, filesystem, user }) => {
    let host: TestHost;
    let stack: Stack;
    let before: string[];
    const program = ({ rootfs, ...options }: BoxOptions = {}) =>
      box(host, { user, rootfs: { suite, ...rootfs }, ...options });

    beforeAll(async () => {
      host = await upWithBase({ name: `machine-${suite}`, suite, filesystem }, suite);
      // The very first boot runs services that no later boot runs.
      await host.reboot();
      before = await host.snapshot();
      stack = await Stack.create("dev");
    });

    afterAll(async () => {
      await stack.dispose();
      await host.down();
    });

    test("up builds a root and boots a machine that answers", async () => {
      const run = await stack.up(program());
      expect(run.text).not.toContain("error:");
      expect(run.outputs).toMatchObject({ state: "running", address: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) });
      expect(await inBox(host, "hostname; . /etc/os-release; echo $VERSION_CODENAME")).toBe(`box\n${suite}`);
    });

    test("a second up and a refresh change nothing", async () => {
      expect((await stack.up(program())).changes).toEqual({ same: 4 });
      expect((await stack.refresh()).changes).toEqual({ same: 4 });
      expect((await stack.up(program())).changes).toEqual({ same: 4 });
    });

    if (suite === stable) {
      test("the state holds no key and no code but the constant line", async () => {
        const state = await stack.export();
        const lines = new Set(state.match(/"__provider": "(?:[^"\\]|\\.)*"/g));
        expect([...lines].sort()).toEqual(
          ["DebianRootfs", "Host", "NspawnMachine"].map(
            (kind) => `"__provider": "exports.handler=()=>require(\\"pulumi-nspawn/provider\\").get(\\"${kind}\\");"`,
          ),
        );
        expect(state).not.toContain(host.carefulPassword);
        expect(state).not.toContain("PRIVATE KEY");
      });

      test("a preview shows live changes, restarts and refusals", async () => {
        const live = await stack.preview(program({ machine: { limits: { memory: "512MiB" } } }));
        expect(live.text).toMatch(/NspawnMachine.*box.*live: limits/);
        const restart = await stack.preview(program({ machine: { hostname: "renamed" } }));
        expect(restart.text).toMatch(/NspawnMachine.*box.*restart: hostname/);
        const refused = await stack.preview(program({ rootfs: { suite: "sid" } }));
        expect(refused.ok).toBe(false);
        expect(refused.text).toContain(`changing suite from ${suite} to sid makes a new root`);
        expect(refused.text).toContain("dataLoss");
      });
    }

    test("a limit is applied while the machine runs", async () => {
      const { bootId } = (await stack.up(program())).outputs;
      const run = await stack.up(program({ machine: { limits: { memory: "512MiB", tasks: 300 } } }));
      expect(run.outputs.bootId).toBe(bootId);
      expect(await host.sh("systemctl show -p MemoryMax -p TasksMax systemd-nspawn@box")).toBe(
        "MemoryMax=536870912\nTasksMax=300\n",
      );
      await stack.up(program());
      expect(await host.sh("systemctl show -p MemoryMax systemd-nspawn@box")).toBe("MemoryMax=infinity\n");
    });

    test("a changed host name restarts the machine once", async () => {
      const { bootId } = (await stack.up(program())).outputs;
      const run = await stack.up(program({ machine: { hostname: "renamed" } }));
      expect(run.outputs.bootId).not.toBe(bootId);
      expect(await inBox(host, "hostname")).toBe("renamed");
      expect((await stack.up(program({ machine: { hostname: "renamed" } }))).outputs.bootId).toBe(run.outputs.bootId);
    });

    test("a refresh shows manual changes, and the next up repairs them", async () => {
      await stack.up(program());
      await host.sh("sed -i s/^Hostname=.*/Hostname=other/ /etc/systemd/nspawn/box.nspawn; machinectl stop box");
      await host.sh(
        "while systemctl -q is-active systemd-nspawn@box; do sleep 0.1; done; systemctl disable systemd-nspawn@box",
      );
      const refreshed = await stack.refresh();
      expect(refreshed.changes).toEqual({ same: 3, update: 1 });
      const preview = await stack.preview(program());
      expect(preview.text).toMatch(/live: running, autostart; repair: \/etc\/systemd\/nspawn\/box\.nspawn/);
      await stack.up(program());
      expect(await inBox(host, "hostname")).toBe("box");
      expect((await host.sh("systemctl is-enabled systemd-nspawn@box")).trim()).toBe("enabled");
      expect((await stack.up(program())).changes).toEqual({ same: 4 });
    });

    test("the machine runs again after a reboot of the host", async () => {
      await host.reboot();
      await host.sh(
        "for i in $(seq 300); do machinectl -q show box >/dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1",
      );
      await stack.refresh();
      expect((await stack.up(program())).ok).toBe(true);
      expect(await inBox(host, "hostname")).toBe("box");
    });

    if (suite === stable) {
      test("a root that was removed by hand is made again under its machine", async () => {
        await host.sh(
          "systemctl stop systemd-nspawn@box; chattr -R -i /var/lib/machines/box 2>/dev/null; rm -rf --one-file-system /var/lib/machines/box",
        );
        const refreshed = await stack.refresh();
        expect(refreshed.changes.delete).toBe(1);
        const run = await stack.up(program());
        expect(run.outputs.state).toBe("running");
        expect((await stack.up(program())).changes).toEqual({ same: 4 });
      });

      test("stopped is a state like any other", async () => {
        const run = await stack.up(program({ machine: { running: false, autostart: false } }));
        expect(run.outputs.state).toBe("inactive");
        expect(await host.sh("systemctl is-active systemd-nspawn@box || :")).toBe("inactive\n");
        expect((await stack.up(program())).outputs.state).toBe("running");
      });
    }

    test("destroy leaves the host as it was, except for the cache", async () => {
      const run = await stack.destroy();
      expect(run.text).not.toContain("error:");
      expect(await host.snapshot()).toEqual(before);
    });
  },
);
