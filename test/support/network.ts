import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import type * as nspawn from "../../index";
import type { TestHost } from "./hosts";
import { network } from "./hosts/paths";
import { listen } from "./listen";

/** Answers each TCP connection to port 80 or 9100 to 9102, and each packet to UDP port 53, with its host name and the peer. */
const RESPONDER = `#!/usr/bin/perl
use IO::Socket::IP; use IO::Select; use Socket qw(AF_INET6 getnameinfo NI_NUMERICHOST NI_NUMERICSERV);
open(my $file, "<", "/proc/sys/kernel/hostname"); chomp(my $name = <$file>);
my @where = (Family => AF_INET6, LocalHost => "::", V6Only => 0, ReuseAddr => 1, GetAddrInfoFlags => 0);
my @streams = map { IO::Socket::IP->new(@where, LocalPort => $_, Listen => 9) or die "$_: $@" } 80, 9100 .. 9102;
my $packets = IO::Socket::IP->new(@where, LocalPort => 53, Proto => "udp") or die $@;
my $all = IO::Select->new(@streams, $packets);
while (my @ready = $all->can_read) {
  for my $socket (@ready) {
    if ($socket == $packets) {
      my $from = recv($packets, my $text, 100, 0);
      my ($error, $peer) = getnameinfo($from, NI_NUMERICHOST | NI_NUMERICSERV);
      $peer =~ s/^::ffff://; send($packets, "$name $peer\\n", 0, $from);
    } elsif (my $client = $socket->accept) {
      (my $peer = $client->peerhost) =~ s/^::ffff://; print $client "$name $peer\\n"; close($client);
    }
  }
}
`;

const UNIT = `[Service]
ExecStart=/usr/local/sbin/responder
Restart=on-failure
RestartSec=200ms
[Install]
WantedBy=multi-user.target
`;

/** A root whose machines answer on the network. */
export const answering: Partial<nspawn.DebianRootfsArgs> = {
  files: [
    { path: "/usr/local/sbin/responder", content: RESPONDER, mode: "0755" },
    { path: "/etc/systemd/system/responder.service", content: UNIT },
  ],
  setup: "systemctl enable responder.service",
};

/** The outer machine's address on the hosts' network: another computer on the LAN, as hosts see it. */
export const outside = network.gateway;

/** What answers on a TCP port, as seen from another computer on the LAN; rejects if nothing does. */
export function ask(address: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: 5000 });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (piece) => {
      text += piece;
    });
    socket.on("end", () => resolve(text.trim()));
    socket.on("timeout", () => socket.destroy(new Error("timed out")));
    socket.on("error", reject);
  });
}

/** A command that prints what answers there, or `nothing`; runs on a host or in a machine. */
export function asking(address: string, port: number, protocol: "tcp" | "udp" = "tcp"): string {
  const read = protocol === "tcp" ? "cat <&3" : "echo hello >&3; head -n 1 <&3";
  return `timeout 4 bash -c "exec 3<>/dev/${protocol}/${address}/${port}; ${read}" 2>/dev/null || echo nothing`;
}

/** Runs a command inside a machine. */
export async function inside(host: TestHost, machine: string, command: string): Promise<string> {
  const run = `systemd-run -q -M ${machine} --pipe --wait --collect --service-type=exec sh -c '${command}'`;
  return (await host.sh(run)).trim();
}

/** A page on another computer of the LAN, which says who asked for it; the LAN exists as long as a test host does. */
export async function serveOutside(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((request, response) => {
    response.end(`you are ${request.socket.remoteAddress}`);
  });
  const { port } = await listen(server, outside);
  return { port, server };
}

/** A command that prints the page of {@link serveOutside}. */
export function fetching(port: number): string {
  return `timeout 5 bash -c "exec 3<>/dev/tcp/${outside}/${port}; printf \\"GET / HTTP/1.0\\r\\n\\r\\n\\" >&3; cat <&3" 2>/dev/null | tail -n 1`;
}
