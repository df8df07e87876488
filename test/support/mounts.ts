import * as nspawn from "../../index";
import { connectionTo } from "./connection";
import type { TestHost } from "./hosts";

/** What the host has before the program runs. */
export async function makeSources(host: TestHost): Promise<void> {
  // The second source is on btrfs if the images are.
  await host.sh(`
      mkdir -p /srv/shared /srv/low /srv/top /srv/owned /srv/root /var/lib/machines/.data /srv/open
      mount --bind /var/lib/machines/.data /srv/open
      echo shared >/srv/shared/file
      echo low >/srv/low/one; echo low >/srv/low/two; echo top >/srv/top/two
      mkdir -p /usr/share/zoneinfo/Etc; ln -sfn /usr/share/zoneinfo/Etc/UTC /etc/localtime
      [ -e /etc/localtime ] || echo TZif >/usr/share/zoneinfo/Etc/UTC
      echo line >/srv/file; chown 1000:1000 /srv/file /srv/owned /srv/root
    `);
}

/** The host, the root and the mounts; the ref of `spool` may come from elsewhere. */
export function mountsProgram(host: TestHost, systemd: number, spoolRef?: nspawn.BindMountRef) {
  const server = new nspawn.Host("server", { connection: connectionTo(host, "ops") });
  const bind = (name: string, args: Omit<nspawn.BindMountArgs, "host">) =>
    new nspawn.BindMount(name, { host: server, ...args });
  const home = bind("home", {
    source: "/srv/homes/alice",
    target: "/home/alice",
    create: { owner: 1000, group: 1000, mode: "0750" },
  });
  const spool = spoolRef ?? bind("spool", { source: "/srv/homes/spool", target: "/var/spool/new", create: {} }).ref;
  const mounts = [
    home,
    spool,
    bind("open", { source: "/srv/open", target: "/open", exposeHost: true }),
    bind("shared", { source: "/srv/shared", target: "/srv/a: b", readOnly: true }),
    bind("file", { source: "/srv/file", target: "/etc/line", exposeHost: true }),
    bind("time", { source: "/etc/localtime", target: "/etc/localtime", readOnly: true }),
    bind("root", { source: "/srv/root", target: "/mnt", ownership: "rootidmap" }),
    bind("nobody", { source: "/srv/owned", target: "/nobody", ownership: "none" }),
    ...(systemd >= 256 ? [bind("owned", { source: "/srv/owned", target: "/media", ownership: "owneridmap" })] : []),
    { tmpfs: "/scratch", size: "1MiB", mode: "1777" },
    { inaccessible: "/opt" },
    { overlay: ["/srv/low", "/srv/top"], target: "/over", readOnly: true },
  ];
  const rootfs = new nspawn.DebianRootfs("box", { host: server });
  return { server, rootfs, spool, mounts };
}
