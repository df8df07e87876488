import * as fc from "fast-check";
import { quoteExecArgument, quoteUnitWord } from "../../provider/systemd/unit-words";
import { type TestHost, up } from "../hosts";

/** What a real systemd makes of words as they are written for it: the oracle of test/systemd/unit-words.test.ts. */
describe.each(["bookworm", "trixie", "forky"] as const)("words of a unit file on a %s host", (suite) => {
  let host: TestHost;

  beforeAll(async () => {
    host = await up({ name: `words-${suite}`, suite });
  });

  afterAll(async () => {
    await host.down();
  });

  const character = fc.oneof(
    fc.constantFrom(..." \t\n\"'\\=%$#;{}"),
    fc.constantFrom("a", "x41", "ä", "😀", "\u0001", "\u007f", "-", ":", "@"),
  );
  const words = fc.sample(fc.string({ unit: character, maxLength: 12 }), 300);

  async function run(entries: readonly string[]): Promise<string[]> {
    const unit = ["[Service]", "Type=oneshot", "StandardOutput=truncate:/run/words.out", ...entries].join("\n");
    await host.exec("cat >/run/systemd/system/words.service", { input: `${unit}\n` });
    await host.sh("systemctl daemon-reload && systemctl start words.service");
    return (await host.sh("cat /run/words.out")).split("\0");
  }

  test("arguments reach the program as they are", async () => {
    const line = ["/usr/bin/printf", ...["%s\\0", ...words].map(quoteExecArgument)].join(" ");
    expect(await run([`ExecStart=${line}`])).toEqual([...words, ""]);
  });

  test("variables reach its environment as they are", async () => {
    const variables = words.map((word, index) => `W${index}=${word}`);
    const line = variables.map(quoteUnitWord).join(" ");
    const seen = await run([`Environment=${line}`, "ExecStart=/usr/bin/env -0"]);
    expect(seen.filter((variable) => variable.startsWith("W"))).toEqual(expect.arrayContaining(variables));
  });
});
