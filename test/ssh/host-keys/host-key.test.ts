import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import {
  type Connection,
  closeAll,
  first,
  HostError,
  HostKeyError,
  run,
  sh,
  UnreachableError,
} from "../../../provider/remote";
import { failureOf } from "../../support/ssh/failure";
import { ensureOpenSsh } from "../../support/ssh/openssh";
import { makeKey, Sshd, sshKeygen } from "../../support/ssh/sshd";

let sshd: Sshd;
beforeAll(async () => {
  await ensureOpenSsh();
  sshd = await Sshd.start({ hostKeys: ["ecdsa", "ed25519", "rsa"] });
});
afterEach(() => closeAll());
afterAll(() => sshd?.remove());

async function whoAmI(connection: Connection): Promise<string | undefined> {
  const script = sh`answer user "$(id -un)"`;
  return first(await run({ connection }, script, { attempt: "look around", timeoutSeconds: 60 }), "user");
}

const stranger = () => {
  const file = makeKey(sshd.directory.join("stranger"));
  return readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
};

const fingerprintOf = (type: "ed25519" | "ecdsa" | "rsa") =>
  sshKeygen(["-l", "-f", `${sshd.hostKeyFile(type)}.pub`]).split(" ")[1] ?? "";

describe("a known host", () => {
  test.each(["ed25519", "ecdsa", "rsa"] as const)(
    "is accepted by its %s key alone, whatever other keys it has",
    async (type) => {
      expect(await whoAmI(sshd.knownBy(`${sshd.knownName} ${sshd.hostKey(type)}\n`))).toBe("root");
      closeAll();
      expect(await whoAmI(sshd.connection({ hostKey: [sshd.hostKey(type)] }))).toBe("root");
      closeAll();
      expect(await whoAmI(sshd.connection({ hostKey: [fingerprintOf(type)] }))).toBe("root");
    },
  );

  test("is found under a hashed name, a pattern, its bare address and in any of several files", async () => {
    const key = sshd.hostKey("ed25519");
    const hashed = sshd.directory.write("hashed", `${sshd.knownName} ${key}\n`);
    sshKeygen(["-q", "-H", "-f", hashed]);
    const texts = [readFileSync(hashed, "utf8"), `!web,[127.0.*]:* ${key}\n`, `127.0.0.1 ${key}\n`];
    for (const text of texts) {
      expect(await whoAmI(sshd.knownBy(text))).toBe("root");
      closeAll();
    }
    const config = sshd.directory.write(
      "ssh_config",
      `UserKnownHostsFile /nowhere ${hashed}\nGlobalKnownHostsFile none\n`,
    );
    expect(await whoAmI(sshd.connection({ hostKey: undefined, sshConfigFile: config }))).toBe("root");
  });

  test("is found under its HostKeyAlias", async () => {
    const known = sshd.directory.write("alias", `web ${sshd.hostKey("ed25519")}\n`);
    const config = sshd.directory.write("ssh_config", `HostKeyAlias web\nUserKnownHostsFile ${known}\n`);
    expect(await whoAmI(sshd.connection({ hostKey: undefined, sshConfigFile: config }))).toBe("root");
  });
});

describe("an unknown host", () => {
  test("is refused with its fingerprint and lines, each of which makes it known", async () => {
    const failure = await failureOf(whoAmI(sshd.knownBy(`web ${stranger()}\n`)));
    expect(failure).toBeInstanceOf(HostKeyError);
    expect(failure).not.toBeInstanceOf(UnreachableError);
    expect(failure.message).toContain(`its host key is not known: ssh-ed25519 ${fingerprintOf("ed25519")}`);
    expect(failure.message).toContain("`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`");
    const details = failure.parts.details?.split("\n") ?? [];
    for (const start of ["ssh-keyscan ", "echo "]) {
      const command = details.find((line) => line.startsWith(start)) ?? "";
      sshd.directory.write("known_hosts", "");
      execFileSync("sh", ["-c", command], { stdio: "ignore" });
      closeAll();
      expect(await whoAmI(sshd.connection({ hostKey: undefined, knownHostsFile: sshd.knownHostsFile }))).toBe("root");
    }
    const [, pin = ""] = /^hostKey: "(.*)"/m.exec(failure.parts.details ?? "") ?? [];
    expect(pin).toBe(sshd.hostKey("ed25519"));
  });

  test("is added to known_hosts by accept-new so that ssh itself finds it", async () => {
    const file = sshd.directory.join("new/known_hosts");
    const connection = sshd.connection({ hostKey: undefined, knownHostsFile: file, hostKeyChecking: "accept-new" });
    expect(await whoAmI(connection)).toBe("root");
    expect(sshKeygen(["-F", sshd.knownName, "-f", file])).toContain(sshd.hostKey("ed25519"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    closeAll();
    expect(await whoAmI({ ...connection, hostKeyChecking: "strict" })).toBe("root");
  });

  test("is added under a hashed name if ssh_config says so, after a last line without a newline", async () => {
    const file = sshd.directory.write("hashing", `web ${stranger()}`);
    const text = `HashKnownHosts yes\nStrictHostKeyChecking accept-new\nUserKnownHostsFile ${file}\n`;
    const config = sshd.directory.write("ssh_config", text);
    expect(await whoAmI(sshd.connection({ hostKey: undefined, sshConfigFile: config }))).toBe("root");
    expect(readFileSync(file, "utf8")).not.toContain("127.0.0.1");
    expect(sshKeygen(["-F", sshd.knownName, "-f", file])).toContain(sshd.hostKey("ed25519"));
    expect(sshKeygen(["-F", "web", "-f", file])).toContain("ssh-ed25519");
  });

  test("is refused by accept-new if the file cannot be written", async () => {
    const knownHostsFile = "/proc/known_hosts";
    const connection = sshd.connection({ hostKey: undefined, knownHostsFile, hostKeyChecking: "accept-new" });
    const failure = await failureOf(whoAmI(connection));
    expect(failure.message).toContain("its new host key cannot be added to /proc/known_hosts (ENOENT");
  });

  test("is accepted without a check by off", async () => {
    expect(await whoAmI(sshd.knownBy("", { hostKeyChecking: "off" }))).toBe("root");
  });
});

describe("a host whose key changed", () => {
  test.each(["strict", "accept-new"] as const)(
    "is refused by %s with both keys and the command that removes the old one",
    async (hostKeyChecking) => {
      const connection = sshd.knownBy(`# a comment\n${sshd.knownName} ${stranger()}\n`, { hostKeyChecking });
      const failure = await failureOf(whoAmI(connection));
      expect(failure).toBeInstanceOf(HostKeyError);
      const old = sshKeygen(["-l", "-f", sshd.directory.join("stranger.pub")]).split(" ")[1];
      expect(failure.message).toContain(`it presents ssh-ed25519 ${fingerprintOf("ed25519")}`);
      expect(failure.message).toContain(`known: ssh-ed25519 ${old} (${sshd.knownHostsFile}:2)`);
      const command = failure.parts.details?.split("\n").find((line) => line.startsWith("ssh-keygen ")) ?? "";
      execFileSync("sh", ["-c", command], { stdio: "ignore" });
      closeAll();
      expect((await failureOf(whoAmI({ ...connection, hostKeyChecking: "strict" }))).message).toContain("is not known");
    },
  );

  test("is refused if `hostKey` names another key or fingerprint", async () => {
    for (const pin of [stranger(), "SHA256:jlM0EqkVSKJdXzVBR5NjF2CSoCbg5oEcyDx1qgNoZ0A"]) {
      const failure = await failureOf(whoAmI(sshd.connection({ hostKey: [pin] })));
      expect(failure).toBeInstanceOf(HostKeyError);
      expect(failure.message).toContain("its host key is not in `hostKey`: it presents ");
      closeAll();
    }
  });

  test("is refused by accept-new if it only has keys of other types than the known one", async () => {
    const rsaOnly = await Sshd.start({ hostKeys: ["rsa"] });
    try {
      const connection = rsaOnly.knownBy(`${rsaOnly.knownName} ${stranger()}\n`, { hostKeyChecking: "accept-new" });
      expect((await failureOf(whoAmI(connection))).message).toContain(
        "is not the one that is known: it presents ssh-rsa",
      );
    } finally {
      await rsaOnly.remove();
    }
  });
});

describe("a revoked key", () => {
  test.each(["strict", "accept-new", "off"] as const)("is refused by %s", async (hostKeyChecking) => {
    const text = `${sshd.knownName} ${sshd.hostKey("ed25519")}\n@revoked * ${sshd.hostKey("ed25519")}\n`;
    const failure = await failureOf(whoAmI(sshd.knownBy(text, { hostKeyChecking })));
    expect(failure).toBeInstanceOf(HostKeyError);
    expect(failure.message).toContain(`is revoked (${sshd.knownHostsFile}:2)`);
  });

  test("is refused if a RevokedHostKeys file names it, and so is a file that cannot be read", async () => {
    const revoked = sshd.directory.write("revoked", `${sshd.hostKey("ed25519")}\n`);
    const config = (file: string) => sshd.directory.write("ssh_config", `RevokedHostKeys ${file}\n`);
    const hostKey = [sshd.hostKey("ed25519")];
    const failure = await failureOf(whoAmI(sshd.connection({ hostKey, sshConfigFile: config(revoked) })));
    expect(failure.message).toContain(`is revoked (${revoked}:1)`);
    closeAll();
    const list = sshd.directory.join("krl");
    sshKeygen(["-q", "-k", "-f", list, `${sshd.hostKeyFile("ed25519")}.pub`]);
    const unread = await failureOf(whoAmI(sshd.connection({ hostKey, sshConfigFile: config(list) })));
    expect(unread).toBeInstanceOf(HostError);
    expect(unread.message).toContain("in OpenSSH's binary format");
  });
});
