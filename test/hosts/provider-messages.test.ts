import { ProviderProcess } from "../support/provider-process";

const urn = "urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:Host::web1";

test("an engine that does not answer messages blocks no operation", async () => {
  const provider = await ProviderProcess.start({}, false);
  try {
    const host = { connection: { host: "web1" }, __urn: urn, _v: 1 };
    const { inputs } = await provider.check("Host", {}, host);
    const { changes } = await provider.diff("Host", "web1", inputs, { ...inputs, install: true });
    expect(changes).toBe(true);
    expect(provider.messages).toEqual([{ urn, text: "live: install", ephemeral: false }]);
  } finally {
    await provider.stop();
  }
});
