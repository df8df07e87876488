import type { TestHost } from "./hosts";

/** Answers the first two queries for each name, which make up one lookup, with SERVFAIL, and forwards all others. */
const FORWARDER = `use IO::Socket::INET;
my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1:53", Proto => "udp") or die $@;
my %asked;
while (defined(my $from = $socket->recv(my $query, 4096))) {
  my $name = substr($query, 12, index($query, "\\0", 12) - 12);
  if ($asked{$name}++ < 2) { substr($query, 2, 2) = "\\x81\\x82"; $socket->send($query, 0, $from); next }
  my $server = IO::Socket::INET->new(PeerAddr => "$ARGV[0]:53", Proto => "udp") or die $@;
  $server->send($query); $server->recv(my $answer, 4096); $socket->send($answer, 0, $from);
}
`;

/** Runs work on a host whose name server fails once for each name. */
export async function withForgetfulNameServer(host: TestHost, work: () => Promise<void>): Promise<void> {
  await host.exec("cat >/root/forwarder.pl", { input: FORWARDER });
  await host.sh(`cp /etc/resolv.conf /root/resolv.conf
systemd-run --quiet --unit=forwarder perl /root/forwarder.pl "$(awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf)"
until ss --no-header --listening --udp --numeric src 127.0.0.1:53 | grep -q .; do sleep 0.1; done
echo nameserver 127.0.0.1 >/etc/resolv.conf`);
  try {
    await work();
  } finally {
    await host.sh(
      "cat /root/resolv.conf >/etc/resolv.conf; systemctl stop forwarder; rm /root/resolv.conf /root/forwarder.pl",
    );
  }
}
