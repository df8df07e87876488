import { UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { effectOf } from "../../../provider/dynamic/effects";
import { lookAtSource } from "../../../provider/resources/attachments/exposure";
import { mountsSchema } from "../../../provider/resources/attachments/mount-specs";
import { bindMountHandler } from "../../../provider/resources/bind-mount/bind-mount-handler";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";

const base = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };
const bind = (more: object = {}) => ({
  bind: { host: "web1:22", id: "p@1", source: "/srv/projects", target: "/projects", ...more },
});

const plan = (inputs: object) => machineFiles(machineInputs.parse({ ...base, ...inputs }));
const text = (inputs: object) => {
  const { restart } = plan(inputs).files;
  return [...restart.values()].map((file) => file.text).join("\n");
};
const refusals = (inputs: object) => check(machineHandler, {}, { ...base, ...inputs }).failures.map((f) => f.reason);

test("every kind of mount is a line of the .nspawn file, and the machine waits for the sources", () => {
  const mounts = [
    { tmpfs: "/scratch", size: "1GiB", mode: "1777" },
    bind(),
    bind({ source: "/srv/a:b\\c d%", target: "/x:y", readOnly: true, ownership: "none", recursive: true }),
    { inaccessible: "/root" },
    { overlay: ["/srv/low", "/srv/middle", "/srv/top"], target: "/opt/over", readOnly: true },
  ];
  expect(text({ mounts })).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Exec]
Boot=yes
Hostname=web
Timezone=off
PrivateUsers=pick

[Files]
PrivateUsersOwnership=auto
OverlayReadOnly=/srv/low:/srv/middle:/srv/top:/opt/over
Bind=/srv/projects:/projects:norbind,idmap
Inaccessible=/root
TemporaryFileSystem=/scratch:mode=1777,size=1073741824
BindReadOnly=/srv/a\\:b\\\\c d%:/x\\:y:rbind

[Network]
VirtualEthernet=yes

# Managed by pulumi-nspawn.

[Unit]
RequiresMountsFor=/srv/low
RequiresMountsFor=/srv/middle
RequiresMountsFor=/srv/top
RequiresMountsFor=/srv/projects
RequiresMountsFor="/srv/a:b\\\\c d%%"
"
`);
});

test("a machine with the host's user IDs maps nothing, and may write to an overlay", () => {
  const mounts = [bind(), { overlay: ["/srv/low", "/srv/top"], target: "/over" }];
  const files = text({ mounts, privateUsers: false });
  expect(files).toContain("Bind=/srv/projects:/projects:norbind\n");
  expect(files).toContain("Overlay=/srv/low:/srv/top:/over\n");
});

test.each([
  [{ privateUsers: "identity" }, { ownership: "auto" }, "norbind"],
  [{ privateUsers: "identity" }, { ownership: "idmap" }, "norbind"],
  [{ privateUsers: "identity" }, { ownership: "owneridmap" }, "norbind,owneridmap"],
  [{ privateUsers: "identity" }, { recursive: true }, "rbind"],
  [{ privateUsers: "1342177280" }, { ownership: "auto" }, "norbind,idmap"],
  [{ privateUsers: "1342177280" }, { ownership: "none", recursive: true }, "rbind"],
])("user IDs %j and %j need %s", (users, ownership, options) => {
  expect(refusals({ ...users, mounts: [bind(ownership)] })).toEqual([]);
  expect(text({ ...users, mounts: [bind(ownership)] })).toContain(`Bind=/srv/projects:/projects:${options}\n`);
});

test.each([false, "identity", "1342177280"])("an overlay is writable if user IDs are %j", (privateUsers) => {
  const mounts = [{ overlay: ["/srv/low", "/srv/top"], target: "/over" }];
  expect(refusals({ privateUsers, mounts })).toEqual([]);
});

test("a device keeps its user IDs, which no kernel maps, and the unit may open it", () => {
  const files = text({ mounts: [bind({ source: "/dev/kvm", target: "/dev/kvm", exposeHost: true })] });
  expect(files).toContain("Bind=/dev/kvm:/dev/kvm:norbind\n");
  expect(files).toContain("DeviceAllow=/dev/kvm rw\n");
});

test.each([
  ["auto", 250, /the mount of "\/srv\/projects" in a machine with its own user IDs \(ownership "idmap"\)/],
  ["idmap", 250, /ownership "idmap" of "\/srv\/projects"/],
  ["rootidmap", 252, /ownership "rootidmap" of/],
  ["owneridmap", 256, /ownership "owneridmap" of/],
])("ownership %s needs systemd %i", (ownership, systemd, what) => {
  expect(plan({ mounts: [bind({ ownership })] }).needs).toEqual([{ what: expect.stringMatching(what), systemd }]);
});

test("a mount that maps nothing needs no newer systemd", () => {
  expect(plan({ mounts: [bind({ ownership: "none" })] }).needs).toEqual([]);
  expect(plan({ mounts: [bind()], privateUsers: false }).needs).toEqual([]);
});

test("what check returned passes unchanged, in the order of the targets", () => {
  const mounts = [{ tmpfs: "/z/", size: 2 ** 30 }, bind({ target: "//b" }), { inaccessible: "/a" }];
  const once = mountsSchema.parse(mounts);
  expect(once).toMatchObject([
    { inaccessible: "/a" },
    { bind: { target: "/b", ownership: "auto", readOnly: false, recursive: false, exposeHost: false } },
    { tmpfs: "/z", size: "1GiB", mode: "0755" },
  ]);
  expect(mountsSchema.parse(once)).toEqual(once);
});

test.each([
  [{ tmpfs: "/" }, /mounts\.0\.tmpfs: "\/" is the guest's root/],
  [{ tmpfs: "/etc" }, /"\/etc" contains what the guest boots from. Mount a directory below it, such as \/etc\/data/],
  [{ inaccessible: "/usr/" }, /"\/usr" contains what the guest boots from/],
  [bind({ target: "/run" }), /mounts\.0\.bind\.target: "\/run" contains what the guest boots from/],
  [bind({ target: "/proc/fs" }), /"\/proc\/fs" is in \/proc, which systemd-nspawn/],
  [bind({ target: "/run/systemd/x" }), /"\/run\/systemd\/x" is in \/run\/systemd/],
  [bind({ source: "srv" }), /bind\.source: "srv" is not an absolute path/],
  [bind({ ownership: "chown" }), /bind\.ownership: write one of auto, none/],
  [{ tmpfs: "/t", size: "1GB" }, /mounts\.0\.size: "1GB" is not a size/],
  [{ tmpfs: "/t", mode: "rwx" }, /mounts\.0\.mode: is not a mode/],
  [{ tmpfs: "/t", sise: 1 }, /sise/],
  [{ overlay: ["/a"], target: "/t" }, /mounts\.0\.overlay: an overlay needs at least two directories/],
  [
    { overlay: ["/srv/a,upperdir=/etc", "/b"], target: "/t" },
    /overlay\.0: "\/srv\/a,upperdir=\/etc" cannot be a layer/,
  ],
  [{ overlay: ["/a", "/b:c"], target: "/t" }, /overlay\.1: "\/b:c" cannot be a layer of an overlay/],
  [{ overlay: ["/a\\b", "/c"], target: "/t" }, /overlay\.0: .* cannot be a layer of an overlay/],
  [{ overlay: ['/a"b', "/c"], target: "/t" }, /overlay\.0: .* cannot be a layer of an overlay/],
  [{ bund: 1 }, /mounts\.0: is not a mount: give a BindMount/],
  ["p@1", /mounts\.0: is not a mount/],
])("%j is refused with its path", (mount, message) => {
  expect(refusals({ mounts: [mount] }).join("\n")).toMatch(message);
});

test.each([
  ["/", /"\/" contains \/boot, \/dev, \/efi and more, which would give control of the host/],
  ["/etc", /"\/etc" gives control of the host/],
  ["/etc/ssh", /"\/etc\/ssh" is in \/etc, which gives control of the host/],
  ["/var", /"\/var" contains \/var\/backups/],
  ["/var/lib", /contains \/var\/lib\/AccountsService/],
  ["/var/lib/machines", /gives control of the host/],
  ["/var/lib/machines/other/srv", /is in \/var\/lib\/machines,/],
  ["/run/docker.sock", /gives control of the host/],
  ["/var/run/docker.sock", /gives control of the host/],
  ["/efi", /gives control of the host/],
  ["/efi/EFI", /is in \/efi,/],
  ["/boot/efi", /is in \/boot,/],
  ["/lib/modules", /is in \/usr,/],
  ["/usr/local", /is in \/usr,/],
  ["/usr/local/bin", /is in \/usr,/],
  ["/.snapshots/1", /is in \/\.snapshots,/],
  ["/var/lib/cloud", /gives control of the host/],
  ["/var/lib/cloud/instances", /is in \/var\/lib\/cloud,/],
  ["/var/lib/kubelet", /gives control of the host/],
  ["/var/lib/kubelet/pods", /is in \/var\/lib\/kubelet,/],
  ["/var/lib/snapd", /gives control of the host/],
  ["/var/lib/rancher/k3s", /is in \/var\/lib\/rancher,/],
  ["/var/log", /contains \/var\/log\/audit/],
  ["/var/log/journal/x", /is in \/var\/log\/journal,/],
  ["/var/spool/cron/crontabs", /is in \/var\/spool,/],
  ["/var/spool/at", /is in \/var\/spool,/],
  ["/var/spool/mail", /"\/var\/spool\/mail" gives control/],
  ["/var/cache", /contains \/var\/cache\/apt/],
  ["/var/backups", /gives control of the host/],
  ["/var/lib/devboxes", /contains homes and host keys of DevBoxes/],
  ["/var/lib/devboxes/alice", /contains homes and host keys of DevBoxes/],
  ["/home", /contains \/home\/\*\/\.ssh and more/],
  ["/home/alice", /contains \/home\/alice\/\.ssh and more/],
  ["/home/alice/.ssh", /is in \.ssh, which gives control of the host: it holds keys/],
  ["/home/alice/.config/systemd", /is in \/home\/alice\/\.config,/],
  ["/home/alice/.bashrc", /is in \/home\/alice\/\.bashrc,/],
  ["/srv/homes/alice/.ssh", /is in \.ssh,/],
  ["/run/systemd/private", /is in \/run,/],
  ["/run/fail2ban/fail2ban.sock", /is in \/run,/],
  ["/run", /"\/run" gives control of the host/],
  ["/lib/systemd", /is in \/usr,/],
  ["/root/.ssh", /is in \/root,/],
  ["/dev/sda", /is in \/dev,/],
])("the source %s needs an explicit `exposeHost`", (source, message) => {
  const [refusal] = refusals({ mounts: [bind({ source })] });
  expect(refusal).toMatch(message);
  expect(refusal).toContain("If you really want this, set `exposeHost: true`");
  expect(refusals({ mounts: [{ overlay: ["/srv/low", source], target: "/t", readOnly: true }] }).join()).toMatch(
    message,
  );
  expect(refusals({ mounts: [bind({ source, exposeHost: true })] })).toEqual([]);
});

test.each([
  "/srv",
  "/mnt/disk",
  "/media/usb",
  "/tank",
  "/home/alice/projects",
  "/home/alice/work/.config",
  "/var/lib/devboxes/alice/home",
  "/var/lib/devboxes/alice/host-keys",
  "/var/local/data",
  "/var/www",
  "/var/lib/clouds",
  "/etcetera",
  "/run/mysqld/mysqld.sock",
  "/var/lib/postgresql",
])("the source %s needs no `exposeHost`", (source) => {
  expect(refusals({ mounts: [bind({ source })] })).toEqual([]);
});

test.each(["/opt", "/opt/tool", "/home/alice/bin", "/home/alice/.gitconfig", "/var/log/nginx"])(
  "the source %s needs `exposeHost` only if it can be written",
  (source) => {
    expect(refusals({ mounts: [bind({ source })] }).join()).toMatch(/control of the host/);
    expect(refusals({ mounts: [bind({ source, readOnly: true })] })).toEqual([]);
    const overlay = (layers: string[]) => ({ mounts: [{ overlay: layers, target: "/t" }], privateUsers: false });
    expect(refusals(overlay([source, "/srv/top"]))).toEqual([]);
    expect(refusals(overlay(["/srv/low", source])).join()).toMatch(/control of the host/);
  },
);

test("two mounts on one target are refused, whatever their kinds and slashes", () => {
  const [refusal] = refusals({ mounts: [bind(), { tmpfs: "/projects/" }] });
  expect(refusal).toMatch(/mounts\.1: "\/projects" is also the target of another mount/);
  expect(refusals({ mounts: [bind(), { tmpfs: "/projects/cache" }] })).toEqual([]);
});

test("a mount of another host is refused with both hosts", () => {
  const [refusal] = refusals({ mounts: [bind({ host: "web2:22" })] });
  expect(refusal).toMatch(/the BindMount of "\/srv\/projects" is on the host "web2:22", and the machine on "web1:22"/);
  const instance = { connection: { host: "10.0.0.9" }, instance: "vm-1" };
  expect(refusals({ host: instance, mounts: [bind({ host: "vm-1" })] })).toEqual([]);
});

test.each([
  [{ ownership: "rootidmap" }, { privateUsers: false }, /maps user IDs, but the machine uses the host's/],
  [{ recursive: true }, {}, /is recursive and its user IDs are mapped.*Device or resource busy/],
])("what systemd-nspawn would fail on is refused beforehand: %j of %j", (mount, machine, message) => {
  expect(refusals({ ...machine, mounts: [bind(mount)] }).join()).toMatch(message);
});

test.each([true, "managed"])("a writable overlay is refused if user IDs are %j", (privateUsers) => {
  const mounts = [{ overlay: ["/srv/low", "/srv/top"], target: "/over" }];
  expect(refusals({ privateUsers, mounts }).join()).toMatch(
    /the overlay at "\/over" would not be writable.*`readOnly: true`/,
  );
});

test("an unknown mount passes, and errors next to it are still reported", () => {
  expect(refusals({ mounts: [UNKNOWN] })).toEqual([]);
  expect(refusals({ mounts: UNKNOWN })).toEqual([]);
  expect(refusals({ mounts: [bind({ id: UNKNOWN, source: UNKNOWN })] })).toEqual([]);
  expect(refusals({ mounts: [UNKNOWN, { tmpfs: "/etc" }] }).join()).toMatch(
    /"\/etc" contains what the guest boots from/,
  );
});

test("a mount restarts the machine, and its origin is only recorded", () => {
  const effect = (before: unknown, after: unknown) => effectOf("mounts", machineInputs.shape.mounts, before, after);
  expect(effect([bind()], [bind({ id: "p@2", host: "vm-1", exposeHost: true })])).toBe("state");
  expect(effect([bind()], [bind({ readOnly: true })])).toBe("restart");
  expect(effect([], [bind()])).toBe("restart");
  expect(effect([bind()], UNKNOWN)).toBe("restart");
});

test.each([
  "/etc/localtime",
  "/etc/hosts",
  "/etc/resolv.conf",
  "/usr/lib/os-release",
  "/usr/share/zoneinfo",
  "/etc/ssl/certs",
])("%s needs `exposeHost` only if it can be written, and its user IDs are not mapped", (source) => {
  expect(refusals({ mounts: [bind({ source })] }).join()).toMatch(/control of the host/);
  expect(refusals({ mounts: [bind({ source, readOnly: true })] })).toEqual([]);
  expect(refusals({ mounts: [{ overlay: ["/srv/low", source], target: "/t", readOnly: true }] })).not.toEqual([]);
});

test.each([
  "/etc/shadow",
  "/etc/gshadow-",
  "/etc/sudoers.d/x",
  "/etc/ssl/private/key.pem",
  "/etc",
  "/usr",
  "/run/docker.sock",
  "/root/x",
  "/proc/1/environ",
  "/etc/.ssh/id",
])("%s needs `exposeHost` also if it is only read", (source) => {
  expect(refusals({ mounts: [bind({ source, readOnly: true })] }).join()).toMatch(/control of the host/);
  expect(refusals({ mounts: [bind({ source, readOnly: true, exposeHost: true })] })).toEqual([]);
});

test("what everybody may read belongs to nobody inside, so that any file system will do", () => {
  const file = (more: object) =>
    text({ mounts: [bind({ source: "/etc/localtime", target: "/etc/localtime", readOnly: true, ...more })] });
  expect(file({})).toContain("BindReadOnly=/etc/localtime:/etc/localtime:norbind\n");
  expect(file({ ownership: "idmap" })).toContain("BindReadOnly=/etc/localtime:/etc/localtime:norbind,idmap\n");
});

test("the host looks whether such a file is for everybody, unless `exposeHost` says that it does not matter", () => {
  const look = (source: string, exposeHost: boolean, readOnly: boolean) =>
    lookAtSource(source, exposeHost, { readOnly }).text;
  expect(look("/etc/localtime", false, true)).toMatch(/\nsource_public "\$source_real" \/etc\/localtime/);
  expect(look("/etc/localtime", true, true)).not.toMatch(/\nsource_public "\$source_real"/);
  expect(look("/srv/a", false, false)).toMatch(/source_leads_into .* \/etc .*\n.*refuse source-leads/);
});

/** Each option of the article, as its reader would write it. */
test.each([
  ["--bind=/home/kingpin/projects:/projects", { source: "/home/kingpin/projects", target: "/projects" }],
  ["--bind-ro=/etc/localtime:/etc/localtime", { source: "/etc/localtime", target: "/etc/localtime", readOnly: true }],
])("%s of the article needs no further word", (_option, mount) => {
  const news = { host: { connection: { host: "web1" } }, ...mount, __preview: true };
  expect(check(bindMountHandler, {}, news).failures).toEqual([]);
  expect(refusals({ mounts: [bind(mount)] })).toEqual([]);
});

test("each source is looked at by a script of its own, also where the words are the same", () => {
  const scripts = plan({ mounts: [bind(), bind({ source: "/srv/other", target: "/other" })] }).preflight.map(
    ({ text: script }) => script,
  );
  for (const source of ["/srv/projects", "/srv/other"]) {
    const [own = "", ...others] = scripts.filter((script) => script.includes(`\nsource_follow ${source}; `));
    expect(own).toContain('\nsource_mappable "$source_real"');
    expect(others).toEqual([]);
  }
});
