import assert from "node:assert/strict";
import type { TestHost } from "../../support/hosts";
import { asking, inside } from "../../support/network";
import type { Attack } from "../attack";

/** A machine on a private link of its own, with a port on the loopback of its host. */
export interface Linked {
  readonly host: TestHost;
  readonly guest: { readonly machine: string; readonly address: string; readonly gateway: string };
}

const reached = ({ host, guest }: Linked) => inside(host, guest.machine, asking("127.0.0.1", 22));

/** What stands between a guest and what listens on the host's loopback, where a port of it is published. */
export const loopback: Attack<Linked> = {
  name: "a guest reaches what listens on the host's loopback",
  tries:
    "route_localnet and a route for 127.0.0.1, with the nftables table flushed, the filter removed, or right after a start",
  held: "the table and the filter on the link each stop it",
  prepare: async ({ host, guest: { machine, address, gateway } }) => {
    // Root in a machine may send any packet. Here the host's root sets up what a machine's root would have to break
    // out for.
    await host.sh(`
nsenter -t "$(machinectl show ${machine} -p Leader --value)" -n sh -ec '
  echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
  ip route add 127.0.0.1 via ${gateway} dev host0 onlink src ${address} table 7
  ip rule add priority 1 to 127.0.0.1 table 7
  ip rule add priority 2 table local
  ip rule del priority 0'`);
  },
  verdict: async (ground) => {
    const {
      host,
      guest: { machine },
    } = ground;
    assert.equal(await reached(ground), "nothing");
    await host.sh("nft flush chain inet pulumi_nspawn loopback");
    assert.equal(await reached(ground), "nothing", "the filter of the link does not stop it");
    // Each of the two is enough, and without both it would be reached.
    await host.sh(`tc filter del dev ve-${machine} ingress`);
    assert.match(await reached(ground), /^SSH/);
    await host.sh("systemctl restart pulumi-nspawn-nftables");
    assert.equal(await reached(ground), "nothing", "the table does not stop it");
    await host.sh(`nft flush chain inet pulumi_nspawn loopback; systemctl restart systemd-nspawn@${machine}`);
    assert.match(await host.sh(`tc filter show dev ve-${machine} ingress`), /7f000000\/ff000000/);
  },
  undo: async ({ host, guest }) => {
    // A machine that is stopped while it boots may not start again at once, so it only restarts if it lost the filter.
    await host.sh(`
systemctl restart pulumi-nspawn-nftables
tc filter show dev ve-${guest.machine} ingress | grep -q 7f000000/ff000000 || systemctl restart systemd-nspawn@${guest.machine}`);
  },
};
