import { z } from "zod";
import { effect } from "../../../dynamic";
import { CAPABILITIES } from "../../../systemd/nspawn-settings/vocabulary";
import type { Rendered, Values } from "../section";

const capability = z.string("a capability is text").superRefine((text, context) => {
  if (text === "all" || CAPABILITIES.includes(text)) return;
  const near = CAPABILITIES.find((name) => name === `CAP_${text.toUpperCase().replace(/^CAP_?/, "")}`);
  const advice =
    near === undefined ? 'they are listed in capabilities(7), and "all" is all of them' : `write "${near}"`;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is no capability: ${advice}.` });
});

export const inputs = {
  /**
   * Capabilities in addition to those that systemd-nspawn leaves it, as in `["CAP_SYS_NICE"]`; `"all"` is all of them (`Capability=`,
   * systemd.nspawn(5); capabilities(7)). With user IDs of its own they hold only for what is its own.
   * @default []
   */
  capabilities: effect("restart", z.array(capability).default([])),
};

export const keys = ["Exec.Capability"];

export function render({ capabilities }: Values<typeof inputs>): Rendered {
  return { nspawn: capabilities.map((value) => ({ section: "Exec", key: "Capability", value })) };
}
