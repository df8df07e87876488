import { z } from "zod";
import { type Answer, lines, type Script } from "../remote";
import { underMachineLocks } from "./machines/machine-locks";
import { removeMachine } from "./machines/remove-machine";
import { removeSource } from "./mounts/remove-source";
import { markerPath as sourceMarkerPath } from "./mounts/source-plan";
import { lockNetworks, releaseAttachments } from "./networks/attachments";
import { forgetLinks } from "./networks/networkd";
import { removeNetwork } from "./networks/veth-networks";
import { aboutClaim, type Claim, markerSchema } from "./ownership";
import { removeProvision } from "./provision";
import { removeRoot } from "./roots/remove-root";
import { sh } from "./sh";

const KINDS = ["provisions", "machines", "rootfs", "networks", "sources", "bridges"] as const;
type Kind = (typeof KINDS)[number];

/** Something that a killed run of a stack left on a host: no state knows it. */
export interface Leftover {
  readonly kind: Kind;
  readonly name: string;
  readonly owner: string;
  /** The marker's text. */
  readonly marker: string;
}

const fieldsSchema = markerSchema.extend({
  machine: z.string().optional(),
  root: z.string().optional(),
  path: z.string().optional(),
});
const kindSchema = z.enum(KINDS);

const LOCK_SECONDS = 120;

/** Answers what runs of this claimant left. */
export function answerLeftovers(claim: Claim): Script {
  return lines([aboutClaim(claim), sh`leftovers_answer`]);
}

/** What {@link answerLeftovers} answered, in an order in which it can be removed. */
export function leftoversIn(answers: readonly Answer[]): Leftover[] {
  const found = answers.flatMap(({ key, values: [file = "", marker = ""] }) => {
    const [, directory, name] = /^([^/]+)\/(.+)\.json$/.exec(file) ?? [];
    const kind = kindSchema.safeParse(directory).data;
    const owner = fieldsOf(marker)?.owner;
    return key !== "leftover" || kind === undefined || name === undefined || owner === undefined
      ? []
      : [{ kind, name, owner, marker }];
  });
  return KINDS.flatMap((kind) => found.filter((leftover) => leftover.kind === kind));
}

/** Removes it; nothing for a bridge, whose removal is a change of the host's network. */
export function removeLeftover({ kind, name, owner, marker }: Leftover, claim: Claim): Script {
  const { machine = "", root = name, path = "" } = fieldsOf(marker) ?? {};
  const own = { ...claim, owner, fresh: false };
  switch (kind) {
    case "provisions":
      return removeProvision({ owner, machine });
    case "machines": {
      const networks = { locks: [lockNetworks], cleanup: [releaseAttachments(name), forgetLinks] };
      return underMachineLocks({ name, rootName: root }, LOCK_SECONDS, removeMachine(name, owner, networks));
    }
    case "rootfs": {
      const [rootName = "", generation = ""] = name.split("@");
      return removeRoot({ name: rootName, generation, claim: own });
    }
    case "networks":
      return removeNetwork(name, owner);
    case "sources": {
      const isUsed = sourceMarkerPath({ path, owner, create: undefined }).endsWith(`/${name}.json`);
      return removeSource({ path, claim: own, create: isUsed ? undefined : {} }, false);
    }
    case "bridges":
      return sh`:`;
  }
}

/** As messages name it. */
export function describeLeftover({ kind, name, marker }: Leftover): string {
  const { machine = "", path = "" } = fieldsOf(marker) ?? {};
  const descriptions: Readonly<Record<Kind, string>> = {
    provisions: `the record of work in the machine "${machine}"`,
    machines: `the machine "${name}"`,
    rootfs: `the root "${name.split("@")[0] ?? ""}"`,
    networks: `the network "${name}"`,
    sources: `the source "${path}"`,
    bridges: `the bridge "${name}"`,
  };
  return descriptions[kind];
}

function fieldsOf(marker: string): z.infer<typeof fieldsSchema> | undefined {
  try {
    return fieldsSchema.parse(JSON.parse(marker));
  } catch {
    return undefined;
  }
}
