import { z } from "zod";
import { type Answer, lines, type Script } from "../../remote";
import { markerSchema } from "../ownership";
import { type RootLook, rootLookOf } from "../root-look";
import { sh } from "../sh";

/** The lock that `exclusively` holds while generations of a name change. */
export function rootLock(name: string): string {
  return `root-${name}`;
}

/** Answers every root of ours. */
export const generationsInventory: Script = lines([
  sh`
for generation_file in "$roots"/*@*.json; do
  [ -f "$generation_file" ] || continue
  generation_name=\${generation_file##*/}; generation_name=\${generation_name%%@*}
  generation_id=$(generation_of_marker "$generation_file")
  generation_answer root "$generation_name" "$generation_id" "$(generation_path "$generation_name" "$generation_id")"
done
`,
]);

const rootMarkerSchema = markerSchema.extend({
  generation: z.string(),
  created: z.string(),
  complete: z.boolean(),
  architecture: z.string().default(""),
  builtWith: z.string().default(""),
  cacheKey: z.string().default(""),
});

/** One generation of a root, as the inventory saw it. */
export interface Root {
  readonly name: string;
  readonly generation: string;
  readonly marker: z.infer<typeof rootMarkerSchema>;
  /** Where the tree is: under its name, or waiting next to it; `undefined` if there is none. */
  readonly path: string | undefined;
  /** What it is; `undefined` if there is no tree. */
  readonly look: RootLook | undefined;
}

/**
 * Reads what {@link generationsInventory} answered, or what an operation answered about the one root it created. An
 * unreadable marker belongs to nobody.
 */
export function rootsOf(answers: readonly Answer[], key: "root" | "root-made" = "root"): Root[] {
  return answers.filter((answer) => answer.key === key).flatMap(({ values: [text = ""] }) => parseRoot(text) ?? []);
}

function parseRoot(text: string): Root | undefined {
  const [head = "", look = ""] = text.split("\f\n");
  const [name = "", generation = "", path = "", ...marker] = head.split("\n");
  const parsed = parseMarker(marker.join("\n"));
  if (parsed === undefined) return undefined;
  return {
    name,
    generation,
    marker: parsed,
    path: path === "" ? undefined : path,
    look: path === "" ? undefined : rootLookOf(look),
  };
}

function parseMarker(text: string): z.infer<typeof rootMarkerSchema> | undefined {
  try {
    return rootMarkerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
