import { connectionCount, connectionSchema, run, sh } from "../../../provider/remote";

// Runs in its own process: one operation, and then nothing more to do.
async function main(): Promise<void> {
  const connection = connectionSchema.parse(JSON.parse(process.argv[2] ?? ""));
  await run({ connection }, sh`answer hello`, { attempt: "look around", timeoutSeconds: 60 });
  const open = connectionCount();
  process.on("exit", () => console.log(JSON.stringify({ open, idleAtExit: connectionCount() === open })));
}

void main();
