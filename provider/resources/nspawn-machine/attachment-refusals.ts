import type { Refusals } from "../../host/refusals";

/** Why a machine cannot get its place in a network. */
export const attachmentRefusals: Refusals = {
  "loopback-unguarded": ([link, said]) => ({
    happened: `ports of the host's 127.0.0.1 need a filter on ${link}, or machines could reach what listens there, and tc(8) cannot set it: ${said}`,
    advice:
      'If the kernel lacks cls_u32, sch_ingress or act_mirred, install one that has them, or publish the ports on an address of the host, as in "192.0.2.1:8080:80".',
  }),
  "no-networkd": () => ({
    happened: "systemd-networkd is not running on the host, and without it the machine's link gets no address",
    advice: "Run on the host: sudo systemctl enable --now systemd-networkd.service",
  }),
  "no-network": ([first]) => ({
    happened: `the network "${first}" no longer exists`,
    advice: "Run `pulumi refresh`, so that `pulumi up` creates the network again.",
  }),
  "other-subnet": ([first, second, third]) => ({
    happened: `the network "${first}" has the subnet ${second} on the host, but the machine expects ${third}`,
    advice: "Run `pulumi up` without `--target`, so that the network is changed before its machines.",
  }),
  "address-taken": ([first, second]) => ({
    happened: `the address ${first} belongs to the machine "${second}"`,
    advice: "Choose another `address`, or leave it out to get a free one.",
  }),
  "pool-full": ([first]) => ({
    happened: `the network "${first}" has no address left`,
    advice:
      "Give it a larger `subnet`, or remove machines from it. Addresses of deleted machines are already counted as free.",
  }),
  "port-claimed": ([first]) => {
    const { port, who } = taken(first);
    return {
      happened: `the port ${port} of the host already leads to the machine "${who}"`,
      advice: "Choose another port of the host for one of the two.",
    };
  },
  "port-listening": ([first]) => {
    const { port, who } = taken(first);
    return {
      happened: `${who} listens on the port ${port} of the host, and would no longer be reachable`,
      advice: `Choose another port of the host, or stop it there. See what listens with \`sudo ss -tulpn\`.`,
    };
  },
};

/** `PORT PROTOCOL WHO`, as the host's script reports it. */
function taken(text: string): { port: string; who: string } {
  const [port = "", protocol = "", ...who] = text.split(" ");
  return { port: `${port}/${protocol}`, who: who.join(" ") };
}
