import { flag, interfaces, path } from "./kinds";
import { inSection, type Setting } from "./setting";

const NETWORKS = "Use the input `networks`.";
const pairs = { value: /:/, since: 254, what: "`NAME:INSIDE`", sample: ["test0:lan0"] };

/** The keys of `[Network]`, in the order of the manual page. */
export const NETWORK: readonly Setting[] = inSection("Network", [
  {
    key: "NamespacePath",
    kind: { ...path, accepted: "/run/netns/test" },
    since: 259,
    default: "none",
    privileged: true,
    does: 'The network namespace that the machine runs in, as `/run/netns/NAME`; needs `networks: ["none"]` and `privateUsers: false`.',
  },
  {
    key: "Interface",
    kind: interfaces,
    since: 226,
    later: pairs,
    default: "none",
    privileged: true,
    does: "Interfaces of the host that are moved into the machine while it runs.",
  },
  {
    key: "MACVLAN",
    kind: interfaces,
    since: 226,
    later: pairs,
    default: "none",
    privileged: true,
    does: "Interfaces of the host on which the machine gets a macvlan interface.",
  },
  {
    key: "IPVLAN",
    kind: interfaces,
    since: 226,
    later: pairs,
    default: "none",
    privileged: true,
    does: "Interfaces of the host on which the machine gets an ipvlan interface.",
  },
  {
    key: "Private",
    kind: flag,
    since: 226,
    default: "yes",
    privileged: true,
    does: "Whether the machine has its own network.",
    instead: NETWORKS,
  },
  {
    key: "VirtualEthernet",
    kind: flag,
    since: 226,
    default: "yes",
    privileged: true,
    does: "A link between host and machine, `host0` inside.",
    instead: NETWORKS,
  },
  {
    key: "VirtualEthernetExtra",
    kind: { takes: "HOST[:INSIDE]", accepted: "ve-extra:lan0", refused: "a/b" },
    since: 228,
    default: "none",
    privileged: true,
    does: "A further link.",
    instead: NETWORKS,
  },
  {
    key: "Bridge",
    kind: { takes: "the name of a bridge", accepted: "br0", refused: "a/b" },
    since: 226,
    default: "none",
    privileged: true,
    does: "The bridge that the link is attached to.",
    instead: NETWORKS,
  },
  {
    key: "Zone",
    kind: { takes: "the name of a zone", accepted: "test", refused: "thirteen-chars" },
    since: 230,
    default: "none",
    privileged: true,
    does: "A bridge that all machines of the zone share.",
    instead: NETWORKS,
  },
  {
    key: "Port",
    kind: { takes: "[PROTOCOL:]HOST[:INSIDE]", accepted: "tcp:8080:80", refused: "tcp:web" },
    since: 226,
    default: "none",
    privileged: true,
    does: "A port of the host that is forwarded to the machine.",
    instead: "Set `ports` when you attach the machine to a network.",
  },
]);
