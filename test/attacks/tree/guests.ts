import assert from "node:assert/strict";
import type { Attack } from "../attack";
import { FILE, type TreeGround } from "./ground";

const SHELL = "/usr/bin/dash";
const ESCAPE = String.fromCharCode(27);
const base64 = (text: string) => Buffer.from(text).toString("base64");
/** An answer as the host's own scripts print it. */
const answer = (key: string, ...values: string[]) => JSON.stringify([key, ...values.map(base64)]);

/** Another program runs inside in place of the shell. */
const withShell = (script: string): Pick<Attack<TreeGround>, "prepare" | "undo"> => ({
  prepare: async (ground) => {
    await ground.write("/srv/sh", `#!/bin/bash\n${script}\n`, "755");
    await ground.inBad(`mount --bind /srv/sh ${SHELL}`);
  },
  undo: async (ground) => {
    await ground.inBad(`umount -l ${SHELL}`);
    assert.deepEqual((await ground.refreshed()).provision.drift, {});
  },
});

/** Reads nothing, and prints without end to everyone who connects. */
const BUS = `use IO::Socket::UNIX;
unlink "/srv/bus.socket"; $SIG{PIPE} = "IGNORE"; $SIG{CHLD} = "IGNORE";
my $all = IO::Socket::UNIX->new(Local => "/srv/bus.socket", Listen => 99) or die $!; chmod 0666, "/srv/bus.socket";
while (my $one = $all->accept) { next if fork; my $text = "OK " . "0" x 65536; 1 while syswrite $one, $text; exit }
`;

/** What runs inside, and what the host asks of it. */
export const guests: readonly Attack<TreeGround>[] = [
  {
    name: "a guest's shell never ends",
    tries: "/bin/sh sleeps for ever",
    held: "what was known of the inside is kept",
    ...withShell("while :; do sleep 1; done"),
    verdict: async (ground) => {
      assert.deepEqual((await ground.refreshed()).provision.results, ground.bad.provision.state.results);
    },
  },
  {
    name: "a guest's shell answers in the host's place",
    tries: "/bin/sh prints results, drift and warnings named __proto__, control characters and answers of the host",
    held: "it is the guest's word about itself, and names nothing else",
    ...withShell(
      `printf '%s\\n' ${[
        answer("looked"),
        answer("result", "__proto__", "0", "polluted"),
        answer("drift", "__proto__", "polluted"),
        answer("drift", `${ESCAPE}]52;c;aGk=`, "drifted"),
        answer("machine", "good", "{}"),
        answer("active", "good", "failed"),
        answer("address", "good", "192.0.2.66"),
        '[".end","0"]',
      ]
        .map((line) => `'${line}'`)
        .join(" ")}`,
    ),
    verdict: async (ground) => {
      const { provision } = await ground.refreshed();
      assert.equal(Object.hasOwn(Object.prototype, "output"), false);
      assert.equal(Object.getPrototypeOf(provision.drift ?? {}), Object.prototype);
      assert.equal(Object.getPrototypeOf(provision.results ?? {}), Object.prototype);
    },
  },
  {
    name: "a guest makes a user's file 12 TiB large",
    tries: `truncate -s 12T ${FILE}`,
    held: "its content differs, and no more of it is read than it should have",
    prepare: async (ground) => {
      await ground.inBad(`runuser -u alice -- truncate -s 12T ${FILE}`);
    },
    verdict: async (ground) => {
      assert.deepEqual((await ground.refreshed()).provision.drift, { [FILE]: "its content differs" });
    },
    undo: async (ground) => {
      await ground.inBad(`runuser -u alice -- truncate -s 0 ${FILE}; echo x >${FILE}`);
      assert.deepEqual((await ground.refreshed()).provision.drift, {});
    },
  },
  {
    name: "a guest's authorized_keys is a pipe",
    tries: "mkfifo ~alice/.ssh/authorized_keys",
    held: "the keys differ",
    isLong: true,
    prepare: async (ground) => {
      await ground.inBad("cd /home/alice/.ssh; mv authorized_keys kept; runuser -u alice -- mkfifo authorized_keys");
    },
    verdict: async (ground) => {
      assert.match(JSON.stringify((await ground.refreshed()).provision.drift), /authorized/);
    },
    undo: async (ground) => {
      await ground.inBad("cd /home/alice/.ssh; mv -f kept authorized_keys");
      assert.deepEqual((await ground.refreshed()).provision.drift, {});
    },
  },
  {
    name: "a guest has a million users",
    tries: "a million lines in /etc/passwd and in /etc/shadow",
    held: "a look inside takes longer, or is given up for this guest",
    isLong: true,
    prepare: async (ground) => {
      await ground.inBad(`
cp -a /etc/passwd /srv/passwd; cp -a /etc/shadow /srv/shadow
seq -f 'u%.0f:x:9:9::/:/bin/false' 1000000 | cat - /srv/passwd >/etc/passwd
seq -f 'u%.0f:!:1::::::' 1000000 | cat - /srv/shadow >/etc/shadow`);
    },
    verdict: async (ground) => {
      assert.equal((await ground.refreshed()).machine.state, "running");
    },
    undo: async (ground) => {
      await ground.inBad("cat /srv/passwd >/etc/passwd; cat /srv/shadow >/etc/shadow");
      assert.deepEqual((await ground.refreshed()).provision.drift, {});
    },
  },
  {
    name: "a guest's bus is one of its own that floods whoever asks",
    tries: "a socket in the place of its bus and of systemd's, which prints without end",
    held: "the guest is not looked into",
    ofGenerations: true,
    prepare: async (ground) => {
      await ground.write("/srv/bus", BUS, "755");
      await ground.inBad(
        "systemctl stop flood 2>/dev/null || :; systemd-run -q --unit=flood /usr/bin/perl /srv/bus; until [ -S /srv/bus.socket ]; do sleep 0.1; done; mount --bind /srv/bus.socket /run/dbus/system_bus_socket; mount --bind /srv/bus.socket /run/systemd/private",
      );
    },
    verdict: async (ground) => {
      const { provision } = await ground.refreshed();
      assert.deepEqual(provision.results, ground.bad.provision.state.results);
    },
    // Nobody reaches it from outside: its init is still one that a restart ends.
    undo: (ground) => ground.restartBad(),
  },
  {
    name: "a guest mounts over its /run",
    tries: "mount -t tmpfs over /run",
    held: "the guest is not looked into",
    prepare: async (ground) => {
      await ground.inBad("mount -t tmpfs none /run");
    },
    verdict: async (ground) => {
      const { provision } = await ground.refreshed();
      assert.deepEqual(provision.results, ground.bad.provision.state.results);
    },
    undo: (ground) => ground.restartBad(),
  },
  {
    name: "a guest reports for its init, and has a host name that acts on a terminal",
    tries: "notifications to systemd-nspawn with STATUS, READY and MAINPID; OSC 52 as its host name",
    held: "nothing of it is in what is read of the machine",
    ofGenerations: true,
    prepare: async (ground) => {
      await ground.inBad(String.raw`
hostname >/srv/hostname
{ printf '\033]52;c;aGk=\007' >/proc/sys/kernel/hostname; } 2>/dev/null || :
for status in $'\033]52;c;aGk=\007' 'Ready.'; do
  NOTIFY_SOCKET=/run/host/notify systemd-notify --ready "--status=$status" "--pid=1" X_NSPAWN_LEADER_PID=1 || :
done`);
    },
    verdict: async (ground) => {
      const { machine } = await ground.refreshed();
      assert.equal(machine.state, "running");
      assert.ok(Number(machine.leader) > 1);
      assert.ok(!JSON.stringify(machine).includes("aGk="));
    },
    undo: async (ground) => {
      await ground.inBad("{ cat /srv/hostname >/proc/sys/kernel/hostname; } 2>/dev/null || :");
    },
  },
  {
    name: "a guest has 20,000 addresses and 1,000 links",
    tries: "ip -batch with 20,000 addresses on host0 and 1,000 bridges",
    held: "no more than 64 addresses are kept",
    isLong: true,
    prepare: async (ground) => {
      await ground.inBad(String.raw`
seq 20000 | awk '{ printf "address add 10.%d.%d.%d/8 dev host0\n", 100 + $1 / 65536, $1 / 256 % 256, $1 % 256 }' >/srv/batch
seq 1000 | awk '{ printf "link add host9%d type bridge\naddress add 11.0.%d.%d/32 dev host9%d\n", $1, $1 / 256, $1 % 256, $1 }' >>/srv/batch
ip -force -batch /srv/batch || :
ip -o address | wc -l`);
    },
    verdict: async (ground) => {
      const { machine } = await ground.refreshed();
      assert.equal(machine.state, "running");
      const count = machine.addresses?.length ?? 0;
      assert.ok(count > 0 && count <= 64, `${count} addresses`);
    },
    undo: (ground) => ground.restartBad(),
  },
  {
    name: "a guest has the machine ID of its host",
    tries: "/etc/machine-id is the host's, and the machine boots again",
    held: "it boots, and the host's journal is its own",
    isLong: true,
    prepare: async (ground) => {
      const id = await ground.host.sh("cat /etc/machine-id");
      await ground.inBad(`cp /etc/machine-id /srv/machine-id; echo ${id.trim()} >/etc/machine-id`);
      await ground.restartBad();
    },
    verdict: async (ground) => {
      assert.equal((await ground.refreshed()).machine.state, "running");
      const directory = await ground.host.sh('stat -c %F "/var/log/journal/$(cat /etc/machine-id)" 2>/dev/null || :');
      assert.ok(!directory.includes("link"), directory);
    },
    undo: async (ground) => {
      await ground.inBad("cat /srv/machine-id >/etc/machine-id");
      await ground.restartBad();
    },
  },
];
