import {
  type Answer,
  AuthenticationError,
  CommandError,
  type Connection,
  type Credentials,
  closeAll,
  connectionSchema,
  DeadlineError,
  first,
  lines,
  type RunOptions,
  run,
  type Script,
  sh,
  UnreachableError,
} from "../../provider/remote";
import { generations } from "../support/generations";
import { type TestHost, up } from "../support/hosts";
import { failureOf } from "../support/ssh/failure";
import { survivor, untilSurvivorsAreGone } from "../support/survivor";

let host: TestHost;
afterEach(() => closeAll());

function connectionTo(user: string, changes: Partial<Connection> = {}): Connection {
  const { address, port, privateKeyPath, knownHostsFile } = host;
  const login = { host: address, port, user, privateKeyPath, knownHostsFile, sshConfigFile: "none", agent: false };
  return connectionSchema.parse({ ...login, dial: { retries: 0, timeoutSeconds: 60 }, ...changes });
}

function runOn(
  connection: Connection,
  credentials: Credentials,
  script: Script,
  options: Partial<RunOptions> = {},
): Promise<Answer[]> {
  return run({ connection, credentials }, script, { attempt: "look around", timeoutSeconds: 60, ...options });
}

async function whoAmI(connection: Connection, credentials: Credentials = {}): Promise<string | undefined> {
  return first(await runOn(connection, credentials, sh`answer user "$(id -un)"`), "user");
}

describe.each(generations("bookworm", "forky"))("a %s host", (suite) => {
  beforeAll(async () => {
    host = await up({ name: `remote-${suite}`, suite, log: () => {} });
  });
  afterAll(() => host?.down());

  test("runs scripts as root, directly or through sudo", async () => {
    expect(await whoAmI(connectionTo("root"))).toBe("root");
    expect(await whoAmI(connectionTo("root"))).toBe("root");
    expect(await whoAmI(connectionTo("ops"))).toBe("root");
  });

  test("refuses a user who does not become root, and says how to fix it", async () => {
    const failure = await failureOf(whoAmI(connectionTo("ops", { become: false })));
    expect(failure.message).toMatch(/ops is not root there \(uid \d+\)\. Remove `become: false` from the connection/);
  });

  test("accepts a password for sudo, its own or the login's", async () => {
    const password = host.carefulPassword;
    expect(await whoAmI(connectionTo("careful"), { becomePassword: password })).toBe("root");
    closeAll();
    expect(await whoAmI(connectionTo("careful", { privateKeyPath: undefined }), { password })).toBe("root");
  });

  test("never runs the password as a command if sudo needs none", async () => {
    const becomePassword = "touch /run/password-was-run";
    expect(await whoAmI(connectionTo("ops"), { becomePassword })).toBe("root");
    expect(await host.sh("ls /run")).not.toContain("password-was-run");
  });

  test("says what sudo lacks: a password, the correct password, or the right to use it", async () => {
    const missing = await failureOf(whoAmI(connectionTo("careful")));
    expect(missing).toBeInstanceOf(CommandError);
    expect(missing.message).toContain("sudo asks for a password, or careful has no right to use it there");
    expect(missing.message).toContain("(with visudo -f): careful ALL=(root) NOPASSWD: ALL");
    const wrong = await failureOf(whoAmI(connectionTo("careful"), { becomePassword: "open sesame" }));
    expect(wrong.message).toContain("sudo does not accept the password of careful. Check `becomePassword`");
    expect(wrong.message).toContain("sudo: 1 incorrect password attempt");
    expect(wrong.message).not.toContain("open sesame");
    expect((await failureOf(whoAmI(connectionTo("nosudo")))).message).toContain("nosudo has no right to use it");
  });

  test("stops a script under sudo at its deadline", async () => {
    const script = lines([survivor, sh`sleep 100`]);
    const failure = await failureOf(runOn(connectionTo("ops"), {}, script, { timeoutSeconds: 1 }));
    expect(failure).toBeInstanceOf(DeadlineError);
    await runOn(connectionTo("root"), {}, untilSurvivorsAreGone);
  });

  test("accepts a login password, even if it only asks by keyboard-interactive", async () => {
    const connection = connectionTo("careful", { privateKeyPath: undefined });
    const password = host.carefulPassword;
    const wrong = await failureOf(whoAmI(connection, { password: "open sesame" }));
    expect(wrong).toBeInstanceOf(AuthenticationError);
    expect(wrong.message).toContain("refused: the password");
    expect(wrong.message).not.toContain("open sesame");
    const settings = "PasswordAuthentication no\\nKbdInteractiveAuthentication yes\\n";
    await host.sh(`printf '${settings}' >/etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh`);
    closeAll();
    expect(await whoAmI(connection, { password })).toBe("root");
    await host.sh(
      `printf 'AuthenticationMethods publickey,keyboard-interactive\\nKbdInteractiveAuthentication yes\\n' >/etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh`,
    );
    closeAll();
    expect(await whoAmI(connectionTo("careful"), { password })).toBe("root");
    await host.sh("rm /etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh");
  });

  test("works with a login shell that prints a banner, and reports one that refuses logins", async () => {
    await host.sh(
      "printf '#!/bin/sh\\necho a banner of the shell\\nexec /bin/sh \"$@\"\\n' >/usr/local/bin/chatty; chmod 755 /usr/local/bin/chatty; usermod -s /usr/local/bin/chatty ops",
    );
    expect(await whoAmI(connectionTo("ops"))).toBe("root");
    await host.sh("usermod -s /usr/sbin/nologin ops");
    closeAll();
    const failure = await failureOf(whoAmI(connectionTo("ops")));
    expect(failure.message).toContain("no script could be started there (exit status 1)");
    expect(failure.message).toContain("This account is currently not available.");
    await host.sh("usermod -s /bin/bash ops");
  });

  // Ubuntu's default since 25.10, which reads more of its input than the password.
  if (suite !== "bookworm")
    test("works with sudo-rs, with and without a password", async () => {
      await host.sh(
        "apt-get -q update && apt-get -q install -y sudo-rs && ln -sf /usr/lib/cargo/bin/sudo /usr/local/bin/sudo",
      );
      const password = host.carefulPassword;
      const careful = connectionTo("careful");
      expect(await whoAmI(careful, { becomePassword: password })).toBe("root");
      expect(await whoAmI(connectionTo("ops"), { becomePassword: password })).toBe("root");
      expect(await whoAmI(connectionTo("ops"))).toBe("root");
      const wrong = await failureOf(whoAmI(careful, { becomePassword: "open sesame" }));
      expect(wrong.message).toContain("sudo does not accept the password of careful");
      const missing = await failureOf(whoAmI(careful));
      expect(missing.message).toContain("sudo asks for a password, or careful has no right to use it there");
      const never = await failureOf(whoAmI(connectionTo("nosudo")));
      expect(never.message).toContain("nosudo has no right to use sudo there");
      await host.sh("rm /usr/local/bin/sudo");
    });

  test("can be worked on again after it loses its network or reboots", async () => {
    expect(await whoAmI(connectionTo("root", { keepAliveSeconds: 0.5 }))).toBe("root");
    await host.cutNetwork();
    const cut = await failureOf(whoAmI(connectionTo("root", { keepAliveSeconds: 0.5 })));
    expect(cut).toBeInstanceOf(UnreachableError);
    await host.restoreNetwork();
    closeAll();
    expect(await whoAmI(connectionTo("root"))).toBe("root");
    await host.reboot();
    expect(await whoAmI(connectionTo("root"))).toBe("root");
  });
});
