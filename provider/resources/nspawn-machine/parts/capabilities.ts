import { z } from "zod";
import { CAPABILITIES } from "../../../systemd/nspawn-settings/vocabulary";
import type { Part } from "../contribution";

const capability = z.string("a capability is text").superRefine((text, context) => {
  if (text === "all" || CAPABILITIES.includes(text)) return;
  const near = CAPABILITIES.find((name) => name === `CAP_${text.toUpperCase().replace(/^CAP_?/, "")}`);
  const advice =
    near === undefined ? 'they are listed in capabilities(7), and "all" is all of them' : `write "${near}"`;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is no capability: ${advice}.` });
});

export const capabilitiesSchema = z.array(capability);

/** Capabilities beside those that systemd-nspawn leaves a machine. */
export const capabilitiesPart: Part = {
  inputs: ["capabilities"],
  owns: () => ["Exec.Capability"],
  of: ({ capabilities }) => ({
    nspawn: capabilities.map((value) => ({ section: "Exec", key: "Capability", value })),
  }),
};
