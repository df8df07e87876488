import assert from "node:assert/strict";
import type { Attack } from "../attack";
import type { TreeGround } from "./ground";

const PLACE = "/proc/sys/kernel/random";

const inItsPlace = (what: string, make: string): Attack<TreeGround> => ({
  name: `a guest has ${what} in the place of its boot ID`,
  tries: `${make}; mount --bind over ${PLACE}`,
  held: "the boot ID is the host's own knowledge",
  prepare: async (ground) => {
    await ground.inBad(
      `mkdir -p /srv/random && rm -rf /srv/random/* && cd /srv/random && ${make} && mount --bind . ${PLACE}`,
    );
  },
  verdict: async (ground) => {
    assert.match((await ground.refreshed()).machine.bootId ?? "", /^[0-9a-f]{32}$/);
  },
  undo: async (ground) => {
    // A service of the guest may wait for the pipe.
    await ground.inBad(`umount -l ${PLACE}`);
  },
});

export const bootId: readonly Attack<TreeGround>[] = [
  inItsPlace("a link to a file of the host", "ln -s /etc/shadow boot_id"),
  inItsPlace("a pipe", "mkfifo boot_id"),
  inItsPlace("a device without end", ": >boot_id && mount --bind /dev/urandom boot_id"),
];
