import { join } from "node:path";
import { command } from "../tools/command";
import { classReference } from "./class-reference";
import { settingsInterface } from "./settings-interface";
import { settingsReference } from "./settings-reference";

/** Every file that is generated from the code, by its path in the repository. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  const settings = "provider/resources/nspawn-machine/settings-types.ts";
  return new Map([
    ...classReference(),
    ["docs/reference/settings.md", settingsReference()],
    [settings, await formatted(settings, settingsInterface())],
  ]);
}

function formatted(path: string, text: string): Promise<string> {
  return command(join(__dirname, "../../node_modules/.bin/biome"), ["format", `--stdin-file-path=${path}`], {
    input: text,
  });
}
