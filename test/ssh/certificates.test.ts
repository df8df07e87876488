import { readFileSync } from "node:fs";
import { type Connection, type Credentials, closeAll, first, HostKeyError, run, sh } from "../../provider/remote";
import { startAgent } from "../support/ssh/agent";
import { Directory } from "../support/ssh/directory";
import { failureOf } from "../support/ssh/failure";
import { ensureOpenSsh } from "../support/ssh/openssh";
import { type KeyType, makeKey, Sshd, type SshdOptions, sshKeygen } from "../support/ssh/sshd";

let directory: Directory;
let authority: string;
let started: Sshd[] = [];
beforeAll(async () => {
  await ensureOpenSsh();
  directory = new Directory();
  authority = makeKey(directory.join("authority"));
});
afterEach(async () => {
  closeAll();
  await Promise.all(started.map((sshd) => sshd.remove()));
  started = [];
});
afterAll(() => directory?.remove());

async function start(options: SshdOptions): Promise<Sshd> {
  const sshd = await Sshd.start(options);
  started.push(sshd);
  return sshd;
}

async function whoAmI(connection: Connection, credentials?: Credentials): Promise<string | undefined> {
  const script = sh`answer user "$(id -un)"`;
  return first(await run({ connection, credentials }, script, { attempt: "look around", timeoutSeconds: 60 }), "user");
}

/** A key that sshd trusts only by its certificate. */
function certifiedKey(name: string, type: KeyType, ...options: string[]): string {
  const file = makeKey(directory.join(name), type);
  sshKeygen(["-q", "-s", authority, "-I", `id of ${name}`, "-n", "root", ...options, `${file}.pub`]);
  return file;
}

const publicLine = (file: string) => readFileSync(`${file}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");

describe("user certificates", () => {
  const trusting = () => start({ config: [`TrustedUserCAKeys ${authority}.pub`] });

  test.each(["ed25519", "ecdsa", "rsa"] as const)("a certificate next to a key of type %s logs in", async (type) => {
    const sshd = await trusting();
    expect(await whoAmI(sshd.connection({ privateKeyPath: certifiedKey(`user-${type}`, type) }))).toBe("root");
  });

  test.each(["ed25519", "ecdsa", "rsa"] as const)("an agent logs in with the certificate of a %s key", async (type) => {
    const sshd = await trusting();
    const agent = await startAgent(sshd.directory);
    try {
      agent.add(certifiedKey(`held-${type}`, type));
      expect(await whoAmI(sshd.connection({ privateKeyPath: undefined, agent: agent.socket }))).toBe("root");
    } finally {
      agent.stop();
    }
  });

  test("a certificate in a separate file, or in the credentials, logs in", async () => {
    const sshd = await trusting();
    const file = certifiedKey("apart", "ed25519");
    const certificate = readFileSync(`${file}-cert.pub`, "utf8");
    const elsewhere = directory.write("elsewhere.pub", certificate);
    const privateKey = readFileSync(makeCopy(file), "utf8");
    expect(await whoAmI(sshd.connection({ privateKeyPath: makeCopy(file), certificatePath: elsewhere }))).toBe("root");
    expect(await whoAmI(sshd.connection({ privateKeyPath: undefined }), { privateKey, certificate })).toBe("root");
  });

  test("an expired certificate is reported among what was not tried", async () => {
    const sshd = await trusting();
    const file = certifiedKey("expired", "ed25519", "-V", "20200101:20200102");
    const failure = await failureOf(whoAmI(sshd.connection({ privateKeyPath: file })));
    expect(failure.message).toMatch(
      /not tried: the certificate .*expired-cert\.pub cannot be used: it expired at 2020-01-0/,
    );
  });

  function makeCopy(file: string): string {
    return directory.write("copy", readFileSync(file, "utf8"));
  }
});

describe("host certificates", () => {
  const certified = (principals: string, type: KeyType = "ed25519", ...options: string[]) =>
    start({ hostKeys: [type], certified: { by: authority, principals, options } });

  test.each(["ed25519", "ecdsa", "rsa"] as const)(
    "an authority in known_hosts vouches for a %s host key",
    async (type) => {
      const sshd = await certified("127.0.0.1", type);
      const connection = sshd.knownBy(`@cert-authority 127.0.0.* ${publicLine(authority)}\n`);
      expect(await whoAmI(connection)).toBe("root");
    },
  );

  test("an authority in `hostKey` vouches for a host", async () => {
    const sshd = await certified("127.0.0.1,web1");
    expect(await whoAmI(sshd.connection({ hostKey: [`@cert-authority ${publicLine(authority)}`] }))).toBe("root");
  });

  test("an authority vouches for a host whose key is new, while the old one is still known", async () => {
    const sshd = await certified("127.0.0.1");
    const old = publicLine(makeKey(directory.join("old-host-key")));
    const connection = sshd.knownBy(
      `${sshd.knownName} ${old}\n@cert-authority ${sshd.knownName} ${publicLine(authority)}\n`,
    );
    expect(await whoAmI(connection)).toBe("root");
  });

  test("a certificate for another name, from another authority, or expired is refused with the reason", async () => {
    const other = makeKey(directory.join("other-authority"));
    const trusted = `@cert-authority * ${publicLine(authority)}\n`;
    const wrongName = await certified("web2");
    const failure = await failureOf(whoAmI(wrongName.knownBy(trusted)));
    expect(failure).toBeInstanceOf(HostKeyError);
    expect(failure.message).toContain("its certificate is for web2, not for 127.0.0.1");
    expect(failure.message).toMatch(/authority: ssh-ed25519 SHA256:\S+ \(.*known_hosts:1\)/);
    const wrongAuthority = await certified("127.0.0.1");
    expect(
      (await failureOf(whoAmI(wrongAuthority.knownBy(`@cert-authority * ${publicLine(other)}\n`)))).message,
    ).toContain("its certificate is signed by another authority, ssh-ed25519 SHA256:");
    const expired = await certified("127.0.0.1", "ed25519", "-V", "20200101:20200102");
    expect((await failureOf(whoAmI(expired.knownBy(trusted)))).message).toContain(
      "its certificate is not valid: it expired",
    );
  });

  test("a revoked authority and a revoked key vouch for nothing", async () => {
    const sshd = await certified("127.0.0.1");
    const trusted = `@cert-authority * ${publicLine(authority)}\n`;
    for (const revoked of [publicLine(authority), sshd.hostKey()]) {
      const failure = await failureOf(whoAmI(sshd.knownBy(`${trusted}@revoked * ${revoked}\n`)));
      expect(failure).toBeInstanceOf(HostKeyError);
      expect(failure.message).toMatch(/is revoked \(.*known_hosts:2\)/);
      closeAll();
    }
  });

  test("a host without a certificate is refused with that reason", async () => {
    const sshd = await start({});
    const failure = await failureOf(whoAmI(sshd.knownBy(`@cert-authority * ${publicLine(authority)}\n`)));
    expect(failure.message).toContain("the host has no certificate");
  });
});
