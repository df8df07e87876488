import { isIP } from "node:net";
import { type Answer, first } from "../remote";
import { interfaceName } from "../systemd/interface";

/*
 * What a host or a guest answers ends up in outputs, and from there in other programs' text, such as a user's
 * ssh_config. So an answer counts only if it is what it is said to be. One that is not is none: a host that lies about
 * one machine must not fail the refresh of all.
 */

/** The addresses among what was answered as such. */
export function addressesOf(texts: readonly string[]): string[] {
  return texts.filter((text) => isIP(text) !== 0);
}

/** The name of an interface; `undefined` for anything else. */
export function interfaceOf(text: string | undefined): string | undefined {
  return interfaceName.safeParse(text).data;
}

/** An ID of 128 bits as the kernel or systemd writes it; `undefined` for anything else. */
export function idOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/.test(text)
    ? text
    : undefined;
}

/** The machine-id(5) of the host that answers. */
export function machineIdIn(answers: readonly Answer[]): string | undefined {
  return idOf(first(answers, "machine-id"));
}
