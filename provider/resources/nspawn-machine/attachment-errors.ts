import { HostError, type RefusedError } from "../../remote";

/** What it means that a machine cannot have its place in a network; `undefined` for another refusal. */
export function explainAttachmentError(error: RefusedError): HostError | undefined {
  const [first = "", second = "", third = ""] = error.values;
  const explain = (happened: string, advice: string) =>
    new HostError({ ...error.parts, happened, advice, cause: error });
  switch (error.code) {
    case "no-networkd":
      return explain(
        "systemd-networkd is not running there, and without it the machine's link gets no address",
        "Run on the host: sudo systemctl enable --now systemd-networkd.service",
      );
    case "no-network":
      return explain(
        `the network "${first}" is not there any more`,
        "Run `pulumi refresh`, so that `pulumi up` makes the network again.",
      );
    case "other-subnet":
      return explain(
        `the network "${first}" there has the subnet ${second}, and the machine was told ${third}`,
        "Run `pulumi up` without `--target`, so that the network is changed before its machines.",
      );
    case "address-taken":
      return explain(
        `the address ${first} is that of the machine "${second}"`,
        "Choose another `address`, or leave it out for a free one.",
      );
    case "pool-full":
      return explain(
        `the network "${first}" has no address left`,
        "Give it a larger `subnet`, or remove machines from it. Addresses of machines that are gone were counted as free already.",
      );
    case "port-claimed": {
      const { port, who } = taken(first);
      return explain(
        `the port ${port} of the host leads to the machine "${who}" already`,
        "Choose another port of the host for one of the two.",
      );
    }
    case "port-listening": {
      const { port, who } = taken(first);
      return explain(
        `${who} listens on the port ${port} of the host, and would not be reached any more`,
        `Choose another port of the host, or stop it there; \`sudo ss -tulpn\` shows what listens.`,
      );
    }
    default:
      return undefined;
  }
}

/** `PORT PROTOCOL WHO`, as the host's script tells it. */
function taken(text: string): { port: string; who: string } {
  const [port = "", protocol = "", ...who] = text.split(" ");
  return { port: `${port}/${protocol}`, who: who.join(" ") };
}
