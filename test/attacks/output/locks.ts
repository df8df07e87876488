import assert from "node:assert/strict";
import type { Attack } from "../attack";
import type { OutputGround } from "./ground";

const USER = "setpriv --reuid 65534 --clear-groups flock -n";

export const locks: readonly Attack<OutputGround>[] = [
  {
    name: "a guest's user, and one of the host, take the locks that the host waits for",
    tries: "flock by nobody on each lock below /run inside, and on each of /run/pulumi-nspawn and /var/lib/machines",
    held: "they cannot open one, and a look sees what was changed",
    prepare: async (ground) => {
      await ground.inBox(
        `for file in $(find /run -xdev -type f -name '*lock*'); do ${USER} $file sleep 300 & done; wait`,
      );
      await ground.inBox("echo changed >/etc/motd", "--wait", "--pipe");
    },
    verdict: async (ground) => {
      const onHost = await ground.host.sh(
        `cd /; for file in $(find /run/pulumi-nspawn /var/lib/machines -name '*.lock' -type f); do ! ${USER} $file true 2>/dev/null || echo $file; done`,
      );
      await ground.refreshed();
      const shown = await ground.stack.preview(ground.program({ environment: { AGAIN: "1" } }));
      assert.match(shown.text, /repair: \/etc\/motd/);
      assert.equal(onHost, "");
    },
  },
];
