import assert from "node:assert/strict";
import { bindMountHandler } from "../../../provider/resources/bind-mount/bind-mount-handler";
import { connectionTo } from "../../support/connection";
import type { Attack } from "../attack";
import { context, type TreeGround } from "./ground";

/** Doubles what is mounted each time, at paths that get longer. */
export const MANY_MOUNTS = `
mkdir -p /srv/many; mount -t tmpfs none /srv/many; mount --make-private /srv/many
name=$(printf 'x%.0s' $(seq 200))
for i in $(seq 12); do mkdir /srv/many/$name$i; mount --rbind /srv/many /srv/many/$name$i; done`;

/** A source that is made on the host, and removed again. */
export function comingAndGoing(ground: TreeGround) {
  return bindMountHandler.inputs.parse({
    host: { connection: connectionTo(ground.host) },
    source: "/srv/coming-and-going",
    target: "/t",
    create: { owner: 0, group: 0, mode: "0700" },
  });
}

/** Whether a machine uses a source that is removed is asked of the kernel, for all machines. */
async function comesAndGoes(ground: TreeGround): Promise<void> {
  const inputs = comingAndGoing(ground);
  const { id, outputs } = await bindMountHandler.create(inputs, context("urn:source"));
  await bindMountHandler.delete(id, { ...inputs, ...outputs }, context("urn:source"));
  assert.equal((await ground.host.exec(`ls -d ${inputs.source}`)).stdout, "");
}

/** What the host asks of a machine when it looks for those that have a source mounted. */
export const mounts: readonly Attack<TreeGround>[] = [
  {
    name: "a guest has 4,096 mounts at long paths",
    tries: "mount --rbind of a directory into itself, 12 times",
    held: "the machine is read as it is, and sources of the host come and go",
    isLong: true,
    prepare: async (ground) => {
      await ground.inBad(MANY_MOUNTS);
    },
    verdict: async (ground) => {
      assert.equal((await ground.refreshed()).machine.state, "running");
      await comesAndGoes(ground);
    },
    // A systemd that lost so many mounts looks at the rest again for minutes.
    undo: (ground) => ground.restartBad(),
  },
  ...[
    ["a pipe", "mkfifo os-release"],
    ["a link to a device without end", "ln -s /dev/zero os-release"],
  ].map(
    ([what, make]): Attack<TreeGround> => ({
      name: `a guest has ${what} where systemd-machined looks for its os-release`,
      tries: `${make}, in /etc and in /usr/lib`,
      held: "systemd-machined answers about the others, and sources of the host come and go",
      ofGenerations: true,
      prepare: async (ground) => {
        await ground.inBad(`
mv /usr/lib/os-release /usr/lib/os-release.kept
cd /usr/lib; ${make}; rm -f /etc/os-release; cp -a os-release /etc/os-release`);
      },
      verdict: async (ground) => {
        await comesAndGoes(ground);
        assert.equal((await ground.host.sh("timeout 10 machinectl show good -p State --value")).trim(), "running");
        assert.equal((await ground.refreshed()).machine.state, "running");
      },
      undo: async (ground) => {
        await ground.inBad(
          "mv -f /usr/lib/os-release.kept /usr/lib/os-release; ln -sf ../usr/lib/os-release /etc/os-release",
        );
        assert.deepEqual((await ground.refreshed()).root.drift, {});
      },
    }),
  ),
];
