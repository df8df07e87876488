import { NO_RETRY_DELAY } from "../apt";
import type { Script } from "../remote";
import { exclusively } from "./exclusion";
import { FEWEST_INOTIFY_INSTANCES, INOTIFY_INSTANCES, REQUIRED_PACKAGES } from "./facts";
import { sh } from "./sh";

/** How long to wait for somebody else's apt. */
const APT_SECONDS = 300;
/** How long to wait for another preparation, which may install packages. */
const LOCK_SECONDS = 540;

/**
 * Adds what a host lacks: Debian packages, systemd-networkd if it does not run, room for inotify instances; and closes
 * /var/lib/machines to users of the host, as Debian's own package has it. Nothing is ever removed, and what is already
 * there is not touched.
 *
 * Before networkd starts, it is configured to leave foreign routes and rules alone: by default it removes them (systemd
 * issues 33974 and 27052).
 */
export const prepareHost: Script = exclusively(
  "host",
  LOCK_SECONDS,
  sh`
host_missing=
for host_package in ${REQUIRED_PACKAGES}; do
  package_installed "$host_package" || host_missing="$host_missing $host_package"
done
if [ -n "$host_missing" ]; then
  answer progress "installing$host_missing"
  DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND
  host_patience=${APT_SECONDS} host_apt_option=${NO_RETRY_DELAY.option}
  # shellcheck disable=SC2086 # words: a list of packages
  host_install $host_missing
fi
if ! systemctl -q is-active systemd-networkd.service; then
  answer progress "starting systemd-networkd"
  if [ "$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')" -ge 249 ]; then
    file_present /etc/systemd/networkd.conf.d/90-pulumi-nspawn.conf '[Network]
ManageForeignRoutes=no
ManageForeignRoutingPolicyRules=no
' 0644 || :
  fi
  systemctl enable systemd-networkd.service >&2
  systemctl disable systemd-networkd-wait-online.service >&2 || :
  systemctl start systemd-networkd.service
fi
if [ -d /var/lib/machines ]; then
  chown root /var/lib/machines
  chmod 0700 /var/lib/machines
fi
if [ "$(cat /proc/sys/fs/inotify/max_user_instances)" -lt ${FEWEST_INOTIFY_INSTANCES} ]; then
  file_present /etc/sysctl.d/90-pulumi-nspawn.conf ${`fs.inotify.max_user_instances = ${INOTIFY_INSTANCES}\n`} 0644 || :
  echo ${INOTIFY_INSTANCES} >/proc/sys/fs/inotify/max_user_instances || :
fi
`,
);
