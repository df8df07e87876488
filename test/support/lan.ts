import type { TestHost } from "./hosts";

/** An address on the hosts' own network that no host has: the hosts count from 10 upwards. */
export function addressBeside(host: TestHost): string {
  return host.address.replace(/\d+$/, (last) => `${Number(last) + 120}`);
}

/** Whether a host, or the machine "box" on it, gets an answer from an address. */
export async function reaches(from: TestHost, address: string, inBox = false): Promise<boolean> {
  const command = `ping -n -c 1 -W 5 ${address}`;
  const { exitCode } = await from.exec(
    inBox ? `nsenter -n -t "$(machinectl show box -p Leader --value)" ${command}` : command,
  );
  return exitCode === 0;
}

/** Serves a text over HTTP in the machine "box": perl is essential in Debian. */
export async function serve(host: TestHost, text: string): Promise<void> {
  const program = `use IO::Socket::INET; $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1) or die; while ($c = $s->accept) { 1 while <$c> =~ /\\S/; print $c "HTTP/1.0 200 OK\\r\\n\\r\\n${text}\\n"; close $c }`;
  await host.sh(`systemd-run -q -M box --unit=web perl -e '${program}'`);
}

/** The answer of an HTTP server to a host. */
export async function get(from: TestHost, address: string): Promise<string> {
  return from.sh(
    `bash -c 'for i in $(seq 50); do exec 3<>/dev/tcp/${address}/80 && break; sleep 0.1; done; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3 || :'`,
  );
}

/**
 * Makes a host's manager listen for devices from its next boot on, as on a server. In a container it does so only if
 * udevd already runs when it starts (sd_device_monitor_new_full() in systemd's sd-device); otherwise no unit could wait
 * for a bridge.
 */
export async function listenForDevices(host: TestHost): Promise<void> {
  await host.sh(`mkdir -p /etc/systemd/system/systemd-udevd.service.d
printf '[Service]\\nExecStartPost=systemctl daemon-reexec\\n' >/etc/systemd/system/systemd-udevd.service.d/test-host.conf`);
}
