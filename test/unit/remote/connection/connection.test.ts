import fc from "fast-check";
import { connectionSchema, credentialsSchema, describeHost, parseHost } from "../../../../provider/remote";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEft9KDTScFqGrKINmGSlA2/VbOLt9Oyo4yxEREFCTeD";

describe("a host as text", () => {
  test.each([
    ["web1", { host: "web1" }],
    ["local", { host: "local" }],
    ["ops@web1", { host: "web1", user: "ops" }],
    ["ssh://web1", { host: "web1" }],
    ["ssh://ops@web1:2222", { host: "web1", user: "ops", port: 2222 }],
    ["ssh://ops@web1:2222/", { host: "web1", user: "ops", port: 2222 }],
    ["SSH://o%2dps@[2001:db8::1]:22", { host: "2001:db8::1", user: "o-ps", port: 22 }],
    ["2001:db8::1", { host: "2001:db8::1" }],
    ["root@fe80::1%eth0", { host: "fe80::1%eth0", user: "root" }],
  ])("%s is understood", (text, expected) => {
    expect(parseHost(text)).toEqual(expected);
  });

  test.each([
    ["", "a host cannot be empty"],
    ["web1:2222", '"web1:2222" is not a host: with a port, write "ssh://web1:2222"'],
    ["ops@web1:2222", 'with a port, write "ssh://ops@web1:2222"'],
    ["http://web1", '"http://web1" is not a host: write ssh://user@host:port'],
    ["ssh://web1/srv", '"ssh://web1/srv" has a path'],
    ["ssh://web1:0", "0 is not a port: write a whole number from 1 to 65535"],
    ["ssh://web1:70000", "70000 is not a port: write a whole number from 1 to 65535"],
    ["ssh://web1:http", "is not a port"],
    ["-oProxyCommand=x", '"-oProxyCommand=x" is not a host name: it begins with a dash'],
    ["ssh://-l@web1", '"-l" is not a login name'],
    ["web 1", '"web 1" is not a host name'],
    ["web\0", '"web\\u0000" is not a host name'],
    ["web\x1b[1m", '"web\\u001b[1m" is not a host name'],
    ["$(reboot)", '"$(reboot)" is not a host name: it contains "$"'],
    ["web`reboot`", 'is not a host name: it contains "`"'],
    ["web;reboot", 'is not a host name: it contains ";"'],
    ["web\u202egpj", "is not a host name: it contains U+202E"],
    ["*", '"*" is not a host name: it contains "*"'],
    ["a,b", 'is not a host name: it contains ","'],
    ["`reboot`@web1", '"`reboot`" is not a login name: it contains "`"'],
    ["ssh://%60reboot%60@web1", '"`reboot`" is not a login name: it contains "`"'],
    ["$HOME@web1", 'is not a login name: it contains "$"'],
    ["a'b@web1", 'is not a login name: it contains "\'"'],
    ["a\\@web1", "is not a login name"],
  ])("%j is refused with the reason", (text, reason) => {
    expect(() => parseHost(text)).toThrow(reason);
  });

  test("a password in it is refused and not repeated", () => {
    const refuse = () => parseHost("ssh://ops:sesame@web1");
    expect(refuse).toThrow("contains a password: put it into `password` of `credentials`");
    expect(refuse).not.toThrow("sesame");
  });

  test.each([
    "ssh://ops:xu\nzu@web1",
    "ssh://ops:sesame\n@web1",
    "ssh://ops:a/sesame@web1",
    "ssh://ops:sesame?x@web1/srv",
    "http://ops:b@sesame@web1",
    "http://web1/?token=sesame",
    "ops:sesame@web1",
    "ops:sesame@web1:22",
    "ops:b@sesame@web1",
    "ops:xu\nzu@web1",
  ])("a password is repeated for no refusal: %j", (text) => {
    expect(() => parseHost(text)).toThrow(TypeError);
    expect(() => parseHost(text)).not.toThrow(/sesame|xu|zu/);
    expect(JSON.stringify(connectionSchema.safeParse({ host: text }).error?.issues)).not.toMatch(/sesame|xu|zu/);
  });

  test("names as people have them pass", () => {
    expect(parseHost("EXAMPLE\\joe@web1")).toEqual({ host: "web1", user: "EXAMPLE\\joe" });
    expect(parseHost("joe@example.com@web1")).toEqual({ host: "web1", user: "joe@example.com" });
    expect(parseHost("jürgen.o+x@bücher_1.example")).toEqual({ host: "bücher_1.example", user: "jürgen.o+x" });
  });

  test("what a text means is described by the same text again", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/);
    const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined });
    fc.assert(
      fc.property(fc.option(name, { nil: undefined }), fc.oneof(name, fc.ipV6()), port, (user, host, number) => {
        const text = `ssh://${user === undefined ? "" : `${user}@`}${host.includes(":") ? `[${host}]` : host}${number === undefined ? "" : `:${number}`}`;
        const connection = parseHost(text);
        expect(connection).toEqual({
          host,
          ...(user === undefined ? {} : { user }),
          ...(number === undefined ? {} : { port: number }),
        });
        if (number !== undefined) expect(`ssh://${describeHost(connection)}`).toBe(text);
      }),
    );
  });
});

describe("a connection", () => {
  const refusal = (value: unknown) => {
    const parsed = connectionSchema.safeParse(value);
    return parsed.success
      ? undefined
      : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n");
  };

  test("is the same after normalising it twice", () => {
    const values = [
      { host: "web1" },
      { host: " web1 ", hostKey: `web1 ${KEY} root@web1`, jump: "ssh://ops@bastion:22" },
      {
        host: "web1",
        hostKey: [KEY, "SHA256:jED8mRsl4KEqHpUm9C4OrwsHnKaj7XU4bMGcFE4mhMM=", `@cert-authority ${KEY} ca`],
      },
      { host: "web1", jump: ["outer", { host: "inner", hostKey: KEY }], dial: { retries: 0 }, agent: false },
    ];
    for (const value of values) {
      const once = connectionSchema.parse(value);
      expect(connectionSchema.parse(once)).toEqual(once);
    }
    expect(connectionSchema.parse(values[1])).toEqual({
      host: "web1",
      hostKey: [KEY],
      jump: [{ host: "bastion", user: "ops", port: 22 }],
    });
  });

  test.each(["password", "privateKey", "privateKeyPassphrase", "becomePassword"])("never holds a %s", (key) => {
    const message = refusal({ host: "web1", [key]: "sesame" });
    expect(message).toContain(`"${key}" is a secret, and a connection never holds one: put it into \`credentials\``);
    expect(message).not.toContain("sesame");
    expect(refusal({ host: "web1", jump: [{ host: "bastion", [key]: "sesame" }] })).toContain("is a secret");
  });

  test("with a private key in place of its path is refused without repeating the key", () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n";
    const message = refusal({ host: "web1", privateKeyPath: key });
    expect(message).toContain("this is a private key itself, not the path of its file");
    expect(message).not.toContain("b3Blb");
  });

  test.each([
    [
      { host: "ops@web1" },
      'host: "…@web1" is not a host name: write only the name, and put user and port into their own keys',
    ],
    [{ host: "web1", port: "22" }, 'port: "22" is not a port: write a whole number from 1 to 65535'],
    [{ host: "web1", hostname: "x" }, 'there is no key "hostname" here: the keys are host, user, port,'],
    [
      { host: "web1", hostKey: "AAAA" },
      '"AAAA" is not a host key: write "ssh-ed25519 AAAA…" as `ssh-keyscan HOST` prints it',
    ],
    [{ host: "web1", hostKey: [] }, "it is empty: leave `hostKey` out instead"],
    [{ host: "web1", hostKeyChecking: "no" }, '"no" is not one of strict, accept-new and off'],
    [{ host: "web1", jump: ["bastion:22"] }, 'with a port, write "ssh://bastion:22"'],
    [{ host: "web1", dial: { timeoutSeconds: 0 } }, "dial.timeoutSeconds: a time-out is more than 0 seconds"],
    [{ host: "web1", become: "yes" }, "become: become is true or false"],
  ])("%j is refused with the reason", (value, reason) => {
    expect(refusal(value)).toContain(reason);
  });
});

test("credentials with an unknown key are refused without their values", () => {
  const parsed = credentialsSchema.safeParse({ passwd: "sesame" });
  const message = parsed.error?.issues[0]?.message;
  expect(message).toContain(
    'there is no key "passwd" here (did you mean "password"?): the keys are password, privateKey,',
  );
  expect(message).not.toContain("sesame");
});
