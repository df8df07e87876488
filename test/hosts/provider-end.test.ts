import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { ProviderProcess } from "../support/provider-process";
import { root } from "../support/root";

const urn = "urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:Host::web1";

/** A process that has loaded the provider: before its first request there is nothing to end. */
async function loaded(): Promise<ProviderProcess> {
  const provider = await ProviderProcess.start();
  await provider.check("Host", {}, { connection: { host: "web1" }, __urn: urn, _v: 1 });
  return provider;
}

test.each([
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("the provider ends after %s, with exit status %i", async (signal, status) => {
  const provider = await loaded();
  try {
    provider.child.kill(signal);
    expect(await provider.ended()).toBe(status);
  } finally {
    await provider.stop();
  }
});

test("the provider ends when nothing listens at the engine's address any longer", async () => {
  const provider = await loaded();
  try {
    provider.loseEngine();
    expect(await provider.ended()).toBe(1);
  } finally {
    await provider.stop();
  }
});

test("the provider ends when its parent is gone", async () => {
  const engine = createServer().listen(0, "127.0.0.1");
  await once(engine, "listening");
  const address = engine.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const load = `require("pulumi-nspawn/provider").get("Host"); setInterval(() => {}, 1000); console.log("loaded")`;
  const args = [process.execPath, "-e", load, "launcher", `127.0.0.1:${address.port}`];
  const parent = spawn("sh", ["-c", '"$@" & wait', "sh", ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: parent.stdout });
  const gone = once(parent.stdout, "close");
  try {
    for await (const line of lines) if (line === "loaded") break;
    parent.kill("SIGKILL");
    // Open until the last process that has it ends.
    await gone;
  } finally {
    engine.close();
  }
});
