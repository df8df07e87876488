import { z } from "zod";
import { effect } from "../../../dynamic";
import { capabilityItems } from "../../../systemd/entry-items";
import { CAPABILITIES } from "../../../systemd/nspawn-settings/vocabulary";
import type { Rendered, Values } from "../section";

const capability = z.string("a capability is text").superRefine((text, context) => {
  if (text === "all" || CAPABILITIES.includes(text)) return;
  const near = CAPABILITIES.find((name) => name === `CAP_${text.toUpperCase().replace(/^CAP_?/, "")}`);
  const advice =
    near === undefined ? 'see capabilities(7) for the list, or write "all" for all of them' : `write "${near}"`;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is not a capability: ${advice}.` });
});

export const inputs = {
  /**
   * Capabilities in addition to those that systemd-nspawn grants by default, as in `["CAP_SYS_NICE"]`; `"all"` grants
   * all of them (`Capability=`, systemd.nspawn(5); capabilities(7)). With its own user IDs they apply only to what the
   * machine owns.
   * @default []
   */
  capabilities: effect("restart", z.array(capability).default([])),
};

export const items = capabilityItems;

export function render({ capabilities }: Values<typeof inputs>): Rendered {
  return { nspawn: capabilities.map((value) => ({ section: "Exec", key: "Capability", value })) };
}
