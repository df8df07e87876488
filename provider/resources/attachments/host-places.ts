/*
 * The host's own file system, as Debian and common software lay it out (hier(7)). By default a place of the system is
 * the host's own; what is not listed is data: /srv, /mnt, /media, a directory of one's own in /, an application's
 * directory in /var/lib.
 */

/** Whoever can only read it learns secrets, or reaches a service or a device that does what it is asked for. */
export const PRIVATE = [
  "/boot",
  "/dev",
  "/efi",
  "/etc",
  "/initrd.img",
  "/lost+found",
  "/proc",
  "/root",
  "/run",
  "/snap",
  "/swap.img",
  "/swapfile",
  "/sys",
  "/timeshift",
  "/usr",
  "/var/backups",
  ...["apt", "debconf", "ldconfig", "private"].map((name) => `/var/cache/${name}`),
  "/var/crash",
  "/var/db",
  "/var/log/audit",
  "/var/log/auth.log",
  "/var/log/installer",
  "/var/log/journal",
  "/var/log/private",
  "/var/log/sudo-io",
  "/var/mail",
  "/var/snap",
  "/var/spool",
];

/** The same in /var/lib: the system's own state, and that of services that run as root, keep keys or run machines. */
export const PRIVATE_STATE = [
  ..."AccountsService NetworkManager PackageKit aide amazon apt aptitude bluetooth boltd buildkit ca-certificates".split(
    " ",
  ),
  ..."calico chrony cloud cni colord connman containerd containers crio dbus debconf dehydrated dhcp dhcpcd".split(" "),
  ..."docker docker-engine dpkg etcd fail2ban flatpak fprint fwupd gdm3 google grub incus initramfs-tools".split(" "),
  ..."initscripts ipa iscsi iwd k0s k3s kubelet kubernetes krb5kdc ldap letsencrypt libvirt lightdm logrotate".split(
    " ",
  ),
  ..."lxc lxcfs lxd machines microk8s misc nfs nomad openvpn os-prober pam pbuilder podman polkit-1".split(" "),
  ..."portables private pulumi-nspawn puppet python rancher rkt samba sbuild schroot sddm selinux snapd ssl sss".split(
    " ",
  ),
  ..."strongswan sudo systemd tailscale tor tpm ubuntu-advantage ucf udisks2 unattended-upgrades update-notifier".split(
    " ",
  ),
  ..."upower urandom usbguard vagrant vault vmware waagent wicked wireguard wpa_supplicant xml-core".split(" "),
].map((name) => `/var/lib/${name}`);

/** Sockets below /run of services that give nothing but their own data. */
export const APPLICATION_SOCKETS = ["memcached", "mysqld", "php", "postgresql", "redis"].map((name) => `/run/${name}`);

/** The host's root or its users run or follow what they find there. Reading is harmless. */
export const TRUSTED = ["/opt", "/var/log"];

/** In whatever place, keys that open other doors. */
export const KEYS = [".aws", ".gnupg", ".kube", ".ssh"];

/** Files and directories of a home that run nothing and hold no secrets, if they are only read. */
export const HARMLESS_IN_HOME = [
  ..."editorconfig emacs emacs.d fonts gitattributes gitconfig gitignore hushlogin inputrc".split(" "),
  ..."nano nanorc screenrc terminfo tmux.conf vim vimrc".split(" "),
].map((name) => `.${name}`);

/**
 * Places whose files may be mounted read-only if everybody on the host may read them. Where that is not so, the host
 * says it.
 */
export const SHARED = ["/etc", "/usr"];

/** Directories there in which everything is for everybody, and nothing is a secret. */
export const PUBLIC = ["/etc/alternatives", "/etc/ssl/certs", "/usr/share"];

/** Files and directories there that are known to hold secrets, so that the preview refuses them. */
export const SECRET = [
  ..."credstore credstore.encrypted crypttab gshadow gshadow- ipsec.secrets krb5.keytab letsencrypt".split(" "),
  ..."security/opasswd shadow shadow- ssl/private sudoers sudoers.d wireguard".split(" "),
].map((name) => `/etc/${name}`);

/** Symbolic links on every Debian, so that a path through them is checked too. */
export const LINKS = [
  ["/bin", "/usr/bin"],
  ["/lib", "/usr/lib"],
  ["/lib32", "/usr/lib32"],
  ["/lib64", "/usr/lib64"],
  ["/libx32", "/usr/libx32"],
  ["/sbin", "/usr/sbin"],
  ["/var/lock", "/run/lock"],
  ["/var/run", "/run"],
  ["/var/spool/mail", "/var/mail"],
] as const;
