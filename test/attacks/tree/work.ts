import assert from "node:assert/strict";
import { HostError } from "../../../provider/remote";
import { hostIdentity } from "../../../provider/resources/attachments/host-identity";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import type { Attack } from "../attack";
import { BAD_TREE, context, type TreeGround } from "./ground";

const SHADOW = "stat -c '%U %G %a' /etc/shadow; sha256sum </etc/shadow";
const SEEN = `${BAD_TREE}/srv/seen`;

/** In place of the shell of a tree at rest: notes what it can reach, and continues as the shell. */
const PROBE = `#!/bin/bash
if timeout 3 bash -c 'exec 5<>/dev/tcp/127.0.0.1/22' 2>/dev/null; then loopback=open; else loopback=closed; fi
echo "$loopback $(wc -l </proc/net/route) $(stat -Lc %F /proc/self/fd/1 /proc/self/fd/2 | sort -u)" >>/srv/seen
exec -a sh /srv/dash "$@"
`;

/** Work of the provider in the tree, and what users of the host can do with it. The machine is at rest from the third on. */
export const work: readonly Attack<TreeGround>[] = [
  {
    name: "a guest leaves a setuid program for users of the host",
    tries:
      "chmod 4755 in its own tree, run by a user of the host by its path; a mount from a directory that users reach",
    held: "nobody else enters /var/lib/machines, and the mount is refused",
    prepare: async (ground) => {
      await ground.host.sh("mkdir -p -m 755 /srv/shared");
      await ground.inBad("cp /usr/bin/id /srv/id; chmod 4755 /srv/id");
    },
    verdict: async ({ host, bad: { machine } }) => {
      const ran = await host.exec(`runuser -u nosudo -- ${BAD_TREE}/srv/id -u`);
      assert.equal(ran.stdout, "");
      assert.match(ran.stderr, /Permission denied/);
      const bind = { id: "x", host: hostIdentity(machine.state.host), source: "/srv/shared", target: "/shared" };
      const mounting = machineHandler.inputs.parse({ ...machine.state, mounts: [{ bind }] });
      await assert.rejects(
        machineHandler.update(machine.id, machine.state, mounting, context("urn:machine-bad")),
        /users of the host can reach \/srv\/shared, .*setuid/,
      );
    },
  },
  {
    name: "a user of a guest makes links where root writes",
    tries: "~alice/conf.pulumi-new -> /etc/shadow, ~alice/etc -> /etc, in the way of `files`",
    held: "root writes nowhere else, and names the link",
    prepare: async (ground) => {
      await ground.inBad(
        "cd /home/alice; runuser -u alice -- ln -s /etc/shadow conf.pulumi-new; runuser -u alice -- ln -s /etc etc",
      );
    },
    verdict: async (ground) => {
      const before = await ground.inBad(SHADOW);
      const conf = { path: "/home/alice/conf", content: "hello\n", owner: "alice", group: "alice" };
      await ground.updateBad({ files: [conf] });
      assert.equal(await ground.inBad(SHADOW), before);
      assert.equal(
        await ground.inBad("stat -c '%U %F' /home/alice/conf; cat /home/alice/conf"),
        "alice regular file\nhello",
      );
      const outside = { ...conf, path: "/home/alice/etc/motd" };
      const refused: unknown = await ground.updateBad({ files: [outside] }).catch((error) => error);
      assert.ok(refused instanceof HostError, String(refused));
      assert.match(refused.parts.details ?? "", /\/home\/alice\/etc \(to \/etc\) is not followed/);
      await ground.updateBad({ files: [{ path: "/lib/systemd/system/mine.service", content: "[Service]\n" }] });
      assert.equal(await ground.inBad("cat /usr/lib/systemd/system/mine.service"), "[Service]");
    },
  },
  {
    name: "a guest's shell in a tree at rest looks for a network",
    tries: "/bin/sh connects to the host's loopback and looks at its descriptors, in a change of files and of packages",
    held: "it has none; where packages are fetched, not the host's loopback; and only pipes",
    ofGenerations: true,
    prepare: async (ground) => {
      await ground.host.sh("systemctl stop systemd-nspawn@bad");
      await ground.host.sh(`cd ${BAD_TREE} && cp usr/bin/dash srv/dash && rm usr/bin/dash`);
      await ground.write("/usr/bin/dash", PROBE, "755");
    },
    verdict: async (ground) => {
      const { host } = ground;
      await ground.updateBad({ hostname: "still" });
      assert.equal(await host.sh(`cat ${BAD_TREE}/etc/hostname ${SEEN}`), "still\nclosed 1 fifo\n");
      await host.sh(`rm ${SEEN}`);
      await ground.updateBad({ hostname: "still", packages: ["hello"] });
      assert.ok("hello" in ground.bad.root.state.installedPackages);
      assert.match(await host.sh(`head -n 1 ${SEEN}; grep -c open ${SEEN} || :`), /^closed \d+ fifo\n0\n$/);
    },
    undo: async ({ host }) => {
      await host.sh(`cd ${BAD_TREE} && rm -f usr/bin/dash && mv srv/dash usr/bin/dash && rm -f ${SEEN}`);
    },
  },
];
