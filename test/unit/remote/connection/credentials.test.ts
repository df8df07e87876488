import fc from "fast-check";
import { setDefaultCredentials } from "../../../../provider/remote";
import {
  credentialsFingerprint,
  effectiveCredentials,
  redact,
} from "../../../../provider/remote/connection/credentials";

afterEach(() => {
  setDefaultCredentials({});
  delete process.env.PULUMI_NSPAWN_SSH_PASSWORD;
  delete process.env.PULUMI_NSPAWN_BECOME_PASSWORD;
});

test("a host's own credentials override the environment's, and those override the configuration's", () => {
  setDefaultCredentials({ password: "configured", privateKeyPassphrase: "configured" });
  expect(effectiveCredentials()).toMatchObject({ password: "configured", privateKeyPassphrase: "configured" });
  process.env.PULUMI_NSPAWN_SSH_PASSWORD = "environment";
  expect(effectiveCredentials()).toMatchObject({ password: "environment", privateKeyPassphrase: "configured" });
  expect(effectiveCredentials({ password: "own", privateKey: undefined })).toMatchObject({ password: "own" });
});

test("sudo's password is the login's if there is none of its own", () => {
  expect(effectiveCredentials({ password: "one" }).becomePassword).toBe("one");
  expect(effectiveCredentials({ password: "one", becomePassword: "two" }).becomePassword).toBe("two");
  process.env.PULUMI_NSPAWN_BECOME_PASSWORD = "three";
  expect(effectiveCredentials({ password: "one" }).becomePassword).toBe("three");
});

test("no secret is left in a redacted text, whole or by the line", () => {
  const secret = fc.string({ minLength: 4 }).filter((text) => text.trim().length >= 4);
  fc.assert(
    fc.property(secret, secret, fc.string(), (password, passphrase, text) => {
      const credentials = { password, privateKeyPassphrase: passphrase };
      const shown = redact(`${text}${password}${text}${passphrase.trim()}`, credentials).replaceAll("[secret]", "");
      expect(shown).not.toContain(password);
      expect(shown).not.toContain(passphrase.trim());
    }),
  );
  const privateKey = "-----BEGIN KEY-----\nAAAAC3NzaC1lZDI1NTE5\n-----END KEY-----\n";
  expect(redact("line 2: AAAAC3NzaC1lZDI1NTE5?", { privateKey })).toBe("line 2: [secret]?");
});

test("a fingerprint distinguishes credentials and contains none of them", () => {
  const one = credentialsFingerprint({ password: "one", privateKey: "key" });
  expect(credentialsFingerprint({ privateKey: "key", password: "one" })).toBe(one);
  expect(credentialsFingerprint({ privateKey: "key", password: "two" })).not.toBe(one);
  expect(one).not.toContain("one");
});
