import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../../provider/remote";
import type { Access } from "./access";

/**
 * A text for a file of ssh. If it cannot be written it is a comment, also after an update in which a part of the box
 * failed: Pulumi would then put the word of an unknown value into the stack's outputs, and a file with that in it stops
 * every ssh of its user.
 */
export function textFor(
  box: pulumi.Resource,
  access: pulumi.Output<Access>,
  write: (access: Access) => string,
): pulumi.Output<string> {
  const text = access.apply((known) => {
    try {
      return write(known);
    } catch (error) {
      void pulumi.log.warn(messageOf(error), box);
      return comment(messageOf(error));
    }
  });
  return pulumi.runtime.isDryRun() ? text : pulumi.output(withoutUnknown(text));
}

async function withoutUnknown(text: pulumi.Output<string>): Promise<pulumi.Output<string>> {
  const known = await isKnown(text);
  return known ? text : pulumi.output(comment("not known, because a part of the box failed. Run `pulumi up` again."));
}

/** `undefined`, and not a value, is what an unknown Output resolves to. */
async function isKnown(output: pulumi.Output<string>): Promise<boolean> {
  return (await Reflect.get(output, "isKnown")) !== false;
}

/** Lines that ssh_config(5) and known_hosts (sshd(8)) skip. */
function comment(sentence: string): string {
  return `# ${sentence.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")}\n`;
}
