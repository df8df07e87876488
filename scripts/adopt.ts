import { parseArgs } from "node:util";
import { adoptingProgramOf } from "../provider/adoption";

const USAGE = `npm run adopt -- HOST

Prints a Pulumi program that takes over the machines which are on a host, and changes nothing there.

  HOST  ssh://user@server, an alias of ~/.ssh/config, or "local"
`;

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { help: { type: "boolean" } } });
  const [host] = positionals;
  if (values.help || host === undefined) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  process.stdout.write(await adoptingProgramOf(host));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
