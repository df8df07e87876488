import type { Refusals } from "../../host/refusals";

/** Why a machine cannot have its place in a network. */
export const attachmentRefusals: Refusals = {
  "no-networkd": () => ({
    happened: "systemd-networkd is not running there, and without it the machine's link gets no address",
    advice: "Run on the host: sudo systemctl enable --now systemd-networkd.service",
  }),
  "no-network": ([first]) => ({
    happened: `the network "${first}" is not there any more`,
    advice: "Run `pulumi refresh`, so that `pulumi up` makes the network again.",
  }),
  "other-subnet": ([first, second, third]) => ({
    happened: `the network "${first}" there has the subnet ${second}, and the machine was told ${third}`,
    advice: "Run `pulumi up` without `--target`, so that the network is changed before its machines.",
  }),
  "address-taken": ([first, second]) => ({
    happened: `the address ${first} is that of the machine "${second}"`,
    advice: "Choose another `address`, or leave it out for a free one.",
  }),
  "pool-full": ([first]) => ({
    happened: `the network "${first}" has no address left`,
    advice:
      "Give it a larger `subnet`, or remove machines from it. Addresses of machines that are gone were counted as free already.",
  }),
  "port-claimed": ([first]) => {
    const { port, who } = taken(first);
    return {
      happened: `the port ${port} of the host leads to the machine "${who}" already`,
      advice: "Choose another port of the host for one of the two.",
    };
  },
  "port-listening": ([first]) => {
    const { port, who } = taken(first);
    return {
      happened: `${who} listens on the port ${port} of the host, and would not be reached any more`,
      advice: `Choose another port of the host, or stop it there; \`sudo ss -tulpn\` shows what listens.`,
    };
  },
};

/** `PORT PROTOCOL WHO`, as the host's script tells it. */
function taken(text: string): { port: string; who: string } {
  const [port = "", protocol = "", ...who] = text.split(" ");
  return { port: `${port}/${protocol}`, who: who.join(" ") };
}
