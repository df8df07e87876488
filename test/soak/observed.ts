import { z } from "zod";

const marker = z.object({
  acknowledged: z.string().optional(),
  path: z.string().optional(),
  machine: z.string().optional(),
  kept: z.string().optional(),
});

const NOUNS: Readonly<Record<string, string>> = {
  networks: "network",
  rootfs: "root",
  machines: "machine",
  provisions: "provision",
  sources: "source",
};

/** The facts of a host (`facts.sh`) in the words of the expected ones, sorted. */
export function observedFacts(text: string): string[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, file, json] = /^marker (\S+) (.*)$/.exec(line) ?? [];
      return file === undefined || json === undefined ? line : factOf(file, json);
    })
    .sort();
}

function factOf(file: string, json: string): string {
  const [folder = "", name = ""] = file.replace(/\.json$/, "").split("/");
  const { acknowledged, path, machine, kept } = marker.parse(JSON.parse(json));
  if (kept === "yes") return `stayed ${path}`;
  const subject = path ?? machine ?? name.replace(/@.*/, "");
  const note = acknowledged === "yes" ? "" : " (never acknowledged)";
  return `${NOUNS[folder] ?? folder} ${subject}${note}`;
}
