import { quote } from "shlex";
import { z } from "zod";
import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";

const ESCAPE = String.fromCharCode(27);
/** What a guest prints to reach the operator's terminal: the clipboard (OSC 52), its colours, the order of letters. */
const CONTROL = `${ESCAPE}]52;c;aGk=\u0007${ESCAPE}[31mred\u202egnp.exe`;

/** Two machines whose root does what it likes with everything that Pulumi runs inside; "open" has the host's user IDs. */
describe("what a hostile guest prints", () => {
  let host: TestHost;
  let stack: Stack;

  beforeAll(async () => {
    host = await upWithBase({ name: "hostile-output", suite: "trixie" });
    stack = await Stack.create("dev");
    const made = await stack.up(program());
    expect(made.text).not.toContain("error:");
    for (const machine of ["box", "open"]) {
      const front = `[ ! -e /hostile ] || . /hostile; exec /bin/dash "$@"`;
      await host.sh(
        `cd /var/lib/machines/${machine}/usr/bin; rm sh; printf '%s\\n' '#!/bin/dash' '${front}' >sh; chmod 0755 sh`,
      );
    }
  });

  afterAll(async () => {
    await stack?.dispose();
    await host?.down();
  });
  afterEach(() => hostile(""));

  interface Changes {
    readonly run?: string;
    readonly environment?: Record<string, string>;
  }

  const program =
    ({ run = "echo made", environment = {} }: Changes = {}) =>
    async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host) });
      const machineOf = (name: string, args: Partial<nspawn.NspawnMachineArgs>) => {
        const rootfs = new nspawn.DebianRootfs(name, { host: server });
        return new nspawn.NspawnMachine(name, { rootfs, ...args });
      };
      const inside = (name: string, machine: nspawn.NspawnMachine, step: string) =>
        new nspawn.Provision(name, {
          machine,
          files: [{ path: "/etc/motd", content: "Made by Pulumi.\n" }],
          steps: [{ name: "make", run: step }],
          timeouts: { delete: 40 },
        });
      inside("in-open", machineOf("open", { privateUsers: false }), "echo open");
      const { results } = inside("in-box", machineOf("box", { environment }), run);
      return { results };
    };

  /** What the guests' `/bin/sh` does before it is a shell. */
  async function hostile(script: string): Promise<void> {
    for (const machine of ["box", "open"]) {
      const file = `/var/lib/machines/${machine}/hostile`;
      const text = Buffer.from(script).toString("base64");
      await host.sh(script === "" ? `rm -f ${file}` : `echo ${text} | base64 -d >${file}`);
    }
  }

  const inBox = (command: string, ...options: string[]) =>
    host.sh(`systemd-run -q -M box ${options.join(" ")} /bin/dash -c ${quote(command)} </dev/null 2>&1 | cat`);

  /** Removes what is inside "box", and returns what the CLI says. */
  const destroyed = () =>
    stack.cli("destroy", "--yes", "--skip-preview", "--color=never", "--target", "**in-box").then(
      (text) => ({ ok: true, text }),
      (error: unknown) => ({ ok: false, text: String(error) }),
    );

  test("it has no descriptor of the host, in work, in a look, or in a removal", async () => {
    await hostile("{ echo $$; ls -l /proc/$$/fd; } >>/var/log/fds 2>&1");
    expect((await stack.up(program({ run: "echo again" }))).text).not.toContain("error:");
    expect((await stack.refresh()).text).not.toContain("error:");
    expect((await destroyed()).ok).toBe(true);
    await hostile("");
    expect((await stack.up(program())).text).not.toContain("error:");
    for (const machine of ["box", "open"]) {
      const seen = await host.sh(`cat /var/lib/machines/${machine}/var/log/fds`);
      expect(seen).toMatch(/ 0 -> pipe:/);
      expect(seen).not.toMatch(/\/run\/pulumi-nspawn\/|\/provisions\//);
    }
  });

  test("a process that it leaves behind writes nothing into the host's /run", async () => {
    await hostile(
      `( exec /bin/dash -c 'echo $$ >/sys/fs/cgroup/init.scope/cgroup.procs; while :; do printf "%01000d\\n" 5; done' ) & sleep 1`,
    );
    // The look after the work is flooded as well, so whether the run succeeds is up to the guest.
    await stack.up(program({ run: "sleep 5" }));
    await hostile("");
    expect(Number(await host.sh("du -sk /run/pulumi-nspawn | cut -f 1"))).toBeLessThan(10_000);
    await host.exec("pkill -f 'printf .%01000[d]'");
  });

  test("answers that it prints are no answers of the host, and a removal that it keeps waiting has failed", async () => {
    const forged = [
      '["warning","Zm9yZ2Vk"]',
      '["afterwards","Zm9yZ2Vk"]',
      '["stopped"]',
      '["ended","MA=="]',
      '[".end","0"]',
    ];
    await hostile(`printf '\\n%s' ${forged.map((line) => `'${line}'`).join(" ")} ''; printf '\\n'; exec sleep 600`);
    const { ok, text } = await destroyed();
    expect(text).toMatch(/could not clean up the machine "box" on .*: it was still running after 40 s/);
    expect(text).not.toMatch(/forged|does not run/);
    expect(ok).toBe(false);
  });

  test("output without end is cut off, and the guest is named, in a removal and in a look", async () => {
    await hostile("exec tr '\\0' x </dev/zero");
    const looked = await stack.refresh();
    expect(looked.ok).toBe(true);
    expect(looked.text).toMatch(/warning: .*the machine "box" could not be looked at/);
    const { ok, text } = await destroyed();
    expect(text).toMatch(/what runs in the machine "box" printed more than \d+ MiB/);
    expect(ok).toBe(false);
  });

  test("a line on its console is no complaint of systemd about its settings", async () => {
    const line = "/etc/systemd/nspawn/box.nspawn:3: Unknown key 'Forged' in section [Exec], ignoring.";
    await inBox(
      `printf '[Service]\\nType=oneshot\\nExecStart=/bin/dash -c "echo \\"${line}\\" >/dev/console"\\n[Install]\\nWantedBy=sysinit.target\\n' >/etc/systemd/system/forge.service; systemctl enable forge`,
      "--wait",
      "--pipe",
    );
    const again = await stack.up(program({ environment: { AGAIN: "1" } }));
    expect(await host.sh("journalctl -u systemd-nspawn@box | grep -c Forged")).not.toBe("0\n");
    expect(again.text).not.toMatch(/error:|Forged/);
  });

  test("no user inside or on the host can take a lock, and a look hides nothing", async () => {
    const user = "setpriv --reuid 65534 --clear-groups flock -n";
    await inBox(`for file in $(find /run -xdev -type f -name '*lock*'); do ${user} $file sleep 300 & done; wait`);
    await inBox("echo changed >/etc/motd", "--wait", "--pipe");
    const onHost = await host.sh(
      `cd /; for file in $(find /run/pulumi-nspawn /var/lib/machines -name '*.lock' -type f); do ! ${user} $file true 2>/dev/null || echo $file; done`,
    );
    expect((await stack.refresh()).text).not.toContain("error:");
    const shown = await stack.preview(program({ environment: { AGAIN: "1" } }));
    expect(shown.text).toMatch(/repair: \/etc\/motd/);
    expect(onHost).toBe("");
  });

  test("control characters reach no terminal: not in errors, results or warnings", async () => {
    await host.sh(`printf %s ${JSON.stringify(CONTROL)} >/var/lib/machines/box/control`);
    const failed = await stack.up(
      program({ environment: { AGAIN: "1" }, run: "printf 'pulumi-nspawn-warning: '; cat /control; echo; false" }),
    );
    expect(failed.ok).toBe(false);
    const noted = await stack.up(
      program({ environment: { AGAIN: "1" }, run: "printf 'pulumi-nspawn-warning: '; cat /control; echo" }),
    );
    expect(noted.ok).toBe(true);
    const results = z.object({ make: z.object({ output: z.string() }) }).parse(noted.outputs.results);
    for (const text of [failed.text, noted.text, results.make.output]) {
      expect(text).toContain("red\\u202egnp.exe");
      for (const control of [`${ESCAPE}]52`, `${ESCAPE}[31m`, "\u202e"]) expect(text).not.toContain(control);
    }
  });
});
