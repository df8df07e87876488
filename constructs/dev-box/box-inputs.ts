import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { expectLiterals, problemsOf, refusal } from "../../provider/dynamic";
import { portSchema } from "../../provider/nftables/ports";
import { quotedUrl } from "../../provider/quoted-url";
import { rootfsInputs } from "../../provider/resources/debian-rootfs/rootfs-inputs";
import { machineInputs } from "../../provider/resources/nspawn-machine/machine-inputs";
import { repositoryObject } from "../../provider/resources/provision/repository-inputs";
import { commands, environmentSchema } from "../../provider/resources/provision/step-inputs";
import { userObject } from "../../provider/resources/provision/user-inputs";
import { machineName } from "../../provider/systemd/names";
import { absolutePath } from "../../provider/systemd/paths";
import type { DevBoxArgs } from "./args";

/** A value of a deb822 field, or one word of a list there. */
const plain = z.string("is not text").refine((text) => /^[^\s\p{Cc}\p{Cs}]+$/u.test(text), {
  error: ({ input }) => `${quotedUrl(input)} is not allowed in an apt source: it is empty, or has a blank in it`,
});

const address = plain.refine((text) => /^[a-z][a-z0-9+.-]*:/.test(text), {
  error: ({ input }) =>
    `${quotedUrl(`${input}`)} is not the URL of an apt source, as in "https://deb.example.com/debian"`,
});

const aptSource = z
  .strictObject({
    name: z.string("a name is text").regex(/^[A-Za-z0-9_-]+$/, {
      error: ({ input }) => `${JSON.stringify(input)} is not the name of an apt source: letters, digits, hyphens and _`,
    }),
    url: address,
    suite: plain.optional(),
    components: z.array(plain).optional(),
    key: z
      .string("a key is text")
      .refine((text) => text.includes("BEGIN PGP PUBLIC KEY BLOCK"), "this is not an ASCII-armored public key"),
    packages: rootfsInputs.shape.packages,
  })
  .refine(
    ({ suite, components }) => (suite?.endsWith("/") === true ? components?.length === 0 : components?.length !== 0),
    {
      path: ["components"],
      error:
        "a suite needs at least one, and a suite that is a path, with a slash at its end, needs `components: []` (sources.list(5))",
    },
  );

/** What pam_env(8) reads from /etc/environment, where nothing can be quoted. */
const environment = environmentSchema.superRefine((values, context) => {
  for (const [name, value] of Object.entries(values)) {
    if (!/[#\p{Cc}\p{Cs}]|^["'\s]|[\s\\]$/u.test(value)) continue;
    const message =
      `the value of ${name} is not allowed in /etc/environment: no line break or other control character, no "#", no ` +
      "blank or quote at an end, and no backslash at its end. Set it in a dotfile.";
    context.addIssue({ code: "custom", message });
  }
});

const identity = z.string("is not text").regex(/^[^\p{Cc}\p{Cs}]*$/u, {
  error: ({ input }) => `${JSON.stringify(input)} has a line break or another control character, which git cannot read`,
});

const labelled = z.looseObject({ label: z.string("a label is text").optional() });
const port = z.preprocess((value) => {
  const { label: _label, ...rest } = labelled.safeParse(value).data ?? {};
  return typeof value === "object" && value !== null && !Array.isArray(value) ? rest : value;
}, portSchema);

const repository = repositoryObject.omit({ user: true });
const { limits, nesting, devices, privateUsers, secrets, mounts } = machineInputs.shape;
const { suite, dataLoss, adopt, mirrors, packages, locale, timezone } = rootfsInputs.shape;

/** What a `DevBox` accepts. The inputs of its parts are made of this, and their checks have the last word. */
const shape = {
  host: z.unknown().refine((value) => value !== undefined, "it is missing: give a Host"),
  credentials: z.unknown(),
  name: machineName.optional(),
  user: userObject.omit({ group: true, home: true }),
  suite,
  dataLoss,
  adopt,
  mirrors,
  packages,
  aptSources: z.array(aptSource).optional(),
  locale,
  timezone,
  git: z.strictObject({ name: identity, email: identity }).optional(),
  repositories: z.array(repository).optional(),
  deployKeys: z.record(z.string(), z.string("a key is text")).optional(),
  dotfiles: repository.extend({ script: z.string("a script is a file of the repository").optional() }).optional(),
  hooks: z
    .strictObject({
      onCreate: commands.optional(),
      updateContent: commands.optional(),
      postCreate: commands.optional(),
      postStart: commands.optional(),
    })
    .optional(),
  mounts,
  network: z.unknown(),
  ports: z.array(port, 'write a list of ports, as in ["8080:80"]').optional(),
  environment: environment.optional(),
  secrets,
  limits,
  motd: z.string("a motd is text").optional(),
  nesting,
  devices,
  privateUsers,
  forwardAgent: z.boolean("forwardAgent is true or false").optional(),
  data: absolutePath.optional(),
} satisfies Record<keyof DevBoxArgs, z.ZodType>;

/** @throws RunError for arguments that the program gives as they are, and no box can have. */
export function expectBoxArgs(name: string, args: DevBoxArgs): void {
  expectLiterals(`DevBox ${JSON.stringify(name)}`, "a DevBox", shape, args);
}

type Given<Key extends keyof DevBoxArgs> = pulumi.Unwrap<Pick<DevBoxArgs, Key>>;

/** What is made of arguments, once they are known. If they cannot be used, the check of what gets it says so. */
export function madeOf<Key extends keyof DevBoxArgs, Made>(
  args: DevBoxArgs,
  keys: readonly Key[],
  make: (given: Given<Key>) => pulumi.Input<Made>,
): pulumi.Output<Made>;
export function madeOf<Key extends keyof DevBoxArgs>(
  args: DevBoxArgs,
  keys: readonly Key[],
  make: (given: Given<Key>) => unknown,
): pulumi.Output<unknown> {
  return pulumi.output(chosen(args, keys)).apply((given) => {
    const problems = problemsOf("a DevBox", chosen(shape, keys), Object.fromEntries(Object.entries(given)));
    return problems.length > 0 ? refusal(problems.join("; ")) : make(given);
  });
}

function chosen<All extends object, Key extends keyof All>(all: All, keys: readonly Key[]): Pick<All, Key>;
function chosen(all: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => all[key] !== undefined).map((key) => [key, all[key]]));
}
