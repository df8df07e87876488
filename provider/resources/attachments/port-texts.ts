import { isRecord } from "../../dynamic";
import { spellMapping } from "../../nftables/ports";

/** Ports as a machine's check reads them, whatever a program gave: the check refuses what is no port. */
export function portTexts(ports: unknown): string[] {
  return (Array.isArray(ports) ? ports : [ports]).map(textOf);
}

function textOf(port: unknown): string {
  if (!isRecord(port)) return typeof port === "string" ? port : `${JSON.stringify(port)}`;
  const { host, guest, protocol = "tcp", address } = port;
  const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? value : "?");
  return spellMapping({
    host: text(host),
    guest: text(guest),
    protocol: `${text(protocol)}`,
    ...(address !== undefined && { address: `${text(address)}` }),
  });
}
