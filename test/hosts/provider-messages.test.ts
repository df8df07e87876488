import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProviderProcess } from "../support/provider-process";
import { ensureOpenSsh } from "../support/ssh/openssh";

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

test("without ssh, one warning at the stack says that ssh_config is not read", async () => {
  // Debian's package also has /etc/ssh/ssh_config.
  await ensureOpenSsh();
  const empty = await mkdtemp(join(tmpdir(), "no-ssh-"));
  const provider = await ProviderProcess.start({ PATH: empty });
  try {
    for (const host of ["127.0.0.1", "127.0.0.2"]) {
      const connection = { host, port: 1, user: "ops", dial: { retries: 0 } };
      const { inputs } = await provider.check("Host", {}, { connection, __urn: urn, _v: 1 });
      await expect(provider.create("Host", inputs)).rejects.toThrow(`on ops@${host}:1: nothing listens`);
    }
    const warnings = provider.messages.filter((message) => message.urn === "");
    expect(warnings.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^There is no ssh in PATH, so .*ssh_config/),
    ]);
  } finally {
    await provider.stop();
    await rm(empty, { recursive: true });
  }
});
