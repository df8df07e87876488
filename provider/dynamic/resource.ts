import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { expectLiterals, refuseLiterals } from "./literals";
import { type Derivations, SECRET_INPUTS, secretInputs } from "./secrets";

/** What a class registers for its handler. */
interface Registered {
  readonly derived?: Derivations;
  /** The name of the class, as in the type token: all that a state file refers to. */
  readonly kind: string;
  /** Version of the state's format. */
  readonly version: number;
  readonly inputs: z.ZodObject<z.core.$ZodShape>;
}

/**
 * The base of every resource class. Registers a dynamic resource whose provider is a constant line, so that state holds
 * no code and old state always meets the installed package.
 */
export abstract class NspawnResource extends pulumi.CustomResource {
  /**
   * @param outputs The class's properties other than inputs. Pulumi creates four promises per property, which matters
   * in large programs.
   * @internal
   */
  protected constructor(
    { kind, version, derived = {}, inputs: schema }: Registered,
    name: string,
    inputs: pulumi.Inputs,
    outputs: readonly string[],
    opts: pulumi.CustomResourceOptions,
  ) {
    const what = `${kind} ${JSON.stringify(name)}`;
    if (opts.import !== undefined) refuseLiterals(what, [noImport(schema.shape)]);
    expectLiterals(what, kind, schema.shape, inputs);
    const type = `pulumi-nodejs:dynamic/nspawn:${kind}`;
    const unset = Object.fromEntries(outputs.map((key) => [key, undefined]));
    const properties = {
      ...unset,
      ...inputs,
      __provider: `exports.handler=()=>require("pulumi-nspawn/provider").get("${kind}");`,
      __urn: textOf(pulumi.createUrn(name, type, opts.parent)),
      _v: version,
      [SECRET_INPUTS]: secretInputs(inputs, derived),
      ...(pulumi.runtime.isDryRun() && { __preview: true }),
    };
    // The SDK takes a stack trace for each promise of each property, and source maps make that expensive: half the time
    // of a large preview. The SDK records the resource's place in the program regardless of the limit.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      super(type, name, properties, opts);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}

/** The SDK cannot import dynamic resources: it asks the state of one for its provider. */
function noImport(shape: z.core.$ZodShape): string {
  const instead = "adopt" in shape ? "set the input `adopt: true` to take over what is on the host" : "create it";
  return `the option \`import\` and \`pulumi import\` do not work with these resources: ${instead}.`;
}

/** An Output of the parent would make a child wait for a component, which in turn waits for its children. */
function textOf(urn: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => {
    urn.apply(resolve);
  });
}
