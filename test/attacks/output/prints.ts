import assert from "node:assert/strict";
import { z } from "zod";
import type { Attack } from "../attack";
import type { OutputGround } from "./ground";

const ESCAPE = String.fromCharCode(27);
/** What a guest prints to reach the operator's terminal: the clipboard (OSC 52), its colours, the order of letters. */
const CONTROL = `${ESCAPE}]52;c;aGk=\u0007${ESCAPE}[31mred\u202egnp.exe`;

const still = (ground: OutputGround) => ground.hostile("");

/** What a guest prints, and what it does with the descriptors that it prints to. */
export const prints: readonly Attack<OutputGround>[] = [
  {
    name: "a guest looks for descriptors of the host, in work, in a look, and in a removal",
    tries: "/bin/sh lists /proc/self/fd, also where a machine has the host's user IDs",
    held: "it has pipes alone",
    prepare: (ground) => ground.hostile("{ echo $$; ls -l /proc/$$/fd; } >>/var/log/fds 2>&1"),
    verdict: async (ground) => {
      await ground.up({ run: "echo again" });
      await ground.refreshed();
      const { ok, text } = await ground.destroyed();
      assert.ok(ok, text);
      await still(ground);
      await ground.up();
      for (const machine of ["box", "open"]) {
        const seen = await ground.host.sh(`cat /var/lib/machines/${machine}/var/log/fds`);
        assert.match(seen, / 0 -> pipe:/);
        assert.doesNotMatch(seen, /\/run\/pulumi-nspawn\/|\/provisions\//);
      }
    },
    undo: still,
  },
  {
    name: "a guest leaves a process behind that writes into the host's /run",
    tries: "a process outside its unit prints without end to its descriptor 1",
    held: "what it prints goes nowhere",
    prepare: (ground) =>
      ground.hostile(
        `( exec /bin/dash -c 'echo $$ >/sys/fs/cgroup/init.scope/cgroup.procs; while :; do printf "%01000d\\n" 5; done' ) & sleep 1`,
      ),
    verdict: async (ground) => {
      // The look after the work is flooded as well, so whether the run succeeds is up to the guest.
      await ground.stack.up(ground.program({ run: "sleep 5" }));
      const size = Number(await ground.host.sh("du -sk /run/pulumi-nspawn | cut -f 1"));
      assert.ok(size < 10_000, `${size} KiB in /run/pulumi-nspawn`);
    },
    undo: async (ground) => {
      await still(ground);
      await ground.host.exec("pkill -f 'printf .%01000[d]'");
    },
  },
  {
    name: "a guest prints answers of the host, and keeps a removal waiting",
    tries: "lines as the host's scripts print them: warning, stopped, ended, .end",
    held: "they are no answers, and the removal has failed by its deadline",
    prepare: (ground) => {
      const forged = [
        '["warning","Zm9yZ2Vk"]',
        '["afterwards","Zm9yZ2Vk"]',
        '["stopped"]',
        '["ended","MA=="]',
        '[".end","0"]',
      ];
      const lines = forged.map((line) => `'${line}'`).join(" ");
      return ground.hostile(`printf '\\n%s' ${lines} ''; printf '\\n'; exec sleep 600`);
    },
    verdict: async (ground) => {
      const { ok, text } = await ground.destroyed();
      assert.match(text, /could not clean up the machine "box" on .*: it was still running after 40 s/);
      assert.doesNotMatch(text, /forged|does not run/);
      assert.equal(ok, false);
    },
    undo: still,
  },
  {
    name: "a guest prints without end, in a removal and in a look",
    tries: "exec tr '\\0' x </dev/zero",
    held: "it is cut off, and the guest is named",
    prepare: (ground) => ground.hostile("exec tr '\\0' x </dev/zero"),
    verdict: async (ground) => {
      const looked = await ground.stack.refresh();
      assert.ok(looked.ok, looked.text);
      assert.match(looked.text, /warning: .*the machine "box" could not be looked at/);
      const { ok, text } = await ground.destroyed();
      assert.match(text, /what runs in the machine "box" printed more than \d+ MiB/);
      assert.equal(ok, false);
    },
    undo: still,
  },
  {
    name: "a guest prints on its console what systemd complains about its settings",
    tries: "a line to /dev/console: box.nspawn:3: Unknown key, ignoring",
    held: "it is no complaint of systemd",
    prepare: async (ground) => {
      const line = "/etc/systemd/nspawn/box.nspawn:3: Unknown key 'Forged' in section [Exec], ignoring.";
      await ground.inBox(
        `printf '[Service]\\nType=oneshot\\nExecStart=/bin/dash -c "echo \\"${line}\\" >/dev/console"\\n[Install]\\nWantedBy=sysinit.target\\n' >/etc/systemd/system/forge.service; systemctl enable forge`,
        "--wait",
        "--pipe",
      );
    },
    verdict: async (ground) => {
      const again = await ground.up({ environment: { AGAIN: "1" } });
      assert.notEqual(await ground.host.sh("journalctl -u systemd-nspawn@box | grep -c Forged"), "0\n");
      assert.doesNotMatch(again.text, /Forged/);
    },
  },
  {
    name: "a guest prints control characters, in errors, results and warnings",
    tries: "OSC 52, colours and a change of direction in what a step prints",
    held: "they are shown as escapes",
    prepare: async ({ host }) => {
      await host.sh(`printf %s ${JSON.stringify(CONTROL)} >/var/lib/machines/box/control`);
    },
    verdict: async (ground) => {
      const print = "printf 'pulumi-nspawn-warning: '; cat /control; echo";
      const changed = (run: string) => ground.stack.up(ground.program({ environment: { AGAIN: "1" }, run }));
      const failed = await changed(`${print}; false`);
      assert.equal(failed.ok, false);
      const noted = await changed(print);
      assert.ok(noted.ok, noted.text);
      const results = z.object({ make: z.object({ output: z.string() }) }).parse(noted.outputs.results);
      for (const text of [failed.text, noted.text, results.make.output]) {
        assert.ok(text.includes("red\\u202egnp.exe"), text);
        for (const control of [`${ESCAPE}]52`, `${ESCAPE}[31m`, "\u202e"]) assert.ok(!text.includes(control), text);
      }
    },
  },
];
