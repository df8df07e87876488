import { readFileSync } from "node:fs";
import fc from "fast-check";
import { outsideValidity, parseCertificate, readCertificate } from "../../../provider/remote/keys/certificate";
import { verifyAsSsh } from "../../../provider/remote/keys/signature";
import { Directory } from "../../support/ssh/directory";
import { ensureOpenSsh } from "../../support/ssh/openssh";
import { makeKey, sshKeygen } from "../../support/ssh/sshd";

let directory: Directory;
beforeAll(async () => {
  await ensureOpenSsh();
  directory = new Directory();
});
afterAll(() => directory?.remove());

function certificateOf(authorityType: "ed25519" | "ecdsa" | "rsa", ...options: string[]) {
  const authority = makeKey(directory.join("authority"), authorityType);
  const file = makeKey(directory.join("key"));
  sshKeygen(["-q", "-s", authority, "-I", "an id", ...options, `${file}.pub`]);
  const certificate = parseCertificate(readFileSync(`${file}-cert.pub`, "utf8"));
  if (!certificate) throw new Error("the certificate was not parsed");
  return certificate;
}

test("a certificate has what ssh-keygen wrote into it", () => {
  const certificate = certificateOf(
    "ed25519",
    "-h",
    "-n",
    "web1,*.example.com",
    "-V",
    "20200101000000Z:20300101000000Z",
  );
  expect(certificate).toMatchObject({
    kind: "host",
    id: "an id",
    principals: ["web1", "*.example.com"],
    criticalOptions: [],
  });
  expect(certificate.validAfter).toBe(BigInt(Date.parse("2020-01-01T00:00:00Z") / 1000));
  expect(outsideValidity(certificate, Date.parse("2019-12-31"))).toBe(
    "it is valid only from 2020-01-01T00:00:00.000Z on",
  );
  expect(outsideValidity(certificate, Date.parse("2025-01-01"))).toBeUndefined();
  expect(outsideValidity(certificate, Date.parse("2030-01-01"))).toBe("it expired at 2030-01-01T00:00:00.000Z");
  expect(certificateOf("ed25519", "-n", "ops", "-O", "force-command=true").criticalOptions).toEqual(["force-command"]);
});

test.each(["ed25519", "ecdsa", "rsa"] as const)(
  "the signature of an authority of type %s is valid only for the signed text",
  (type) => {
    const { authority, signed, signature } = certificateOf(type, "-h", "-n", "web1");
    expect(verifyAsSsh(authority, signed, signature)).toBe(true);
    const changed = Buffer.from(signed);
    changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
    expect(verifyAsSsh(authority, changed, signature)).toBe(false);
    expect(verifyAsSsh(authority, signed, signature.subarray(0, -1))).toBe(false);
    expect(verifyAsSsh(authority, signed, Buffer.alloc(0))).toBe(false);
  },
);

test("anything else is no certificate, and never throws", () => {
  const { whole } = certificateOf("ed25519", "-h", "-n", "web1");
  for (let length = 0; length < whole.blob.length; length += 1) {
    expect(readCertificate({ ...whole, blob: whole.blob.subarray(0, length) })).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      readCertificate({ type: whole.type, blob: Buffer.from(bytes) });
    }),
  );
  expect(parseCertificate("ssh-ed25519-cert-v01@openssh.com AAAA")).toBeUndefined();
});
