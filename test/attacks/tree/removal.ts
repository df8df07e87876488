import assert from "node:assert/strict";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { provisionHandler } from "../../../provider/resources/provision/provision-handler";
import type { Attack } from "../attack";
import { BAD_TREE, context, type TreeGround } from "./ground";

/** The last ones: then there is no bad guest any longer. */
export const removal: readonly Attack<TreeGround>[] = [
  {
    name: "a guest leads the removal of its tree out of it, or keeps it from ending",
    tries:
      "links to the host's /root, 3,000 directories in each other, names with line breaks, files that cannot be changed",
    held: "the tree is gone, and nothing else",
    ofGenerations: true,
    prepare: async (ground) => {
      await ground.host.sh("mkdir -p /root/kept && echo kept >/root/kept/file");
      if ((await ground.host.exec("systemctl -q is-active systemd-nspawn@bad")).exitCode !== 0)
        await ground.restartBad();
      await ground.inBad(String.raw`
mkdir -p /srv/out; cd /srv/out; ln -s /root/kept link; ln -s ../../../../../../../root/kept up; mkdir -p $'new\nline' -- '-rf' '*'
touch fixed; chattr +i fixed 2>/dev/null || :
perl -e 'for (1 .. 3000) { mkdir "directory"; chdir "directory" }'`);
    },
    verdict: async ({ host, roots, bad: { root, machine, provision } }) => {
      await provisionHandler.delete(provision.id, provision.state, context("urn:provision-bad"));
      await machineHandler.delete(machine.id, machine.state, context("urn:machine-bad"));
      await roots.delete(root);
      assert.equal(
        await host.sh(`cat /root/kept/file; ls -d ${BAD_TREE} /var/lib/machines/.#rm-* 2>/dev/null || :`),
        "kept\n",
      );
    },
  },
];
