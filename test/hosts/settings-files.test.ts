import * as fc from "fast-check";
import { parseNspawnWords } from "../../provider/systemd/nspawn-words";
import { RESET } from "../../provider/systemd/settings-file";
import { parseSettings } from "../../provider/systemd/settings-parser";
import { type HostOracle, hostOracle, type Oracles, runHere } from "../fuzz/oracles";
import { WRITERS } from "../fuzz/writers";
import { generations } from "../support/generations";
import { type TestHost, up } from "../support/hosts";

describe.each(generations("bookworm", "forky"))("settings files as read by systemd on %s", (suite) => {
  let host: TestHost;
  let oracle: HostOracle;
  const oracles: Oracles = { here: runHere, host: async () => oracle };

  beforeAll(async () => {
    host = await up({ name: `files-${suite}`, suite });
    oracle = await hostOracle(host);
  });

  afterAll(() => host.down());

  test.each(WRITERS.filter(({ where }) => where === "host"))(
    "$name: what is written is read as it was",
    async (writer) => {
      const { cases, accepted, difference, missing } = await writer.fuzz(oracles, 1, 60);
      expect([cases, difference, missing]).toEqual([60, undefined, undefined]);
      expect(accepted).toBeGreaterThan(0);
    },
  );

  test("systemd and the library read hand-written files alike", async () => {
    const piece = fc.constantFrom(
      ...["\nEnvironment=", "\n Environment = ", "\nEnvironment=\n", "\nHostname=box\n", "\n[Exec]\n", "\n[X-Other]\n"],
      ...["V0=", "V1=", "V2=", "V3=", "a", "ä", " ", "\t", `"b 'c "`, `'d "e '`, "\\", "\\\n", "\\\\\n"],
      ...["\\\n# note\n", "\\\n;\n", "\n# V0=no\n", "\n ;V1=no\\\n", "\r\n", "\r", "#", ";", "=", "[", "]", "\ufeff"],
    );
    const file = fc
      .array(piece, { minLength: 20, maxLength: 120 })
      .map((pieces) => `[Exec]\nBoot=yes\n${pieces.join("")}`);
    // Leaves out what versions treat differently: a bad section header, an unbalanced quote.
    const readable = file.filter((written) => {
      try {
        return environmentOf(written).length > 0;
      } catch {
        return false;
      }
    });
    await fc.assert(
      fc.asyncProperty(readable, async (written) => {
        const { seen } = await oracle.tiny.run(written);
        const last = (words: readonly string[]) => Object.fromEntries(words.map((word) => [word.slice(0, 2), word]));
        expect(last(assigned(seen.environ, /^V\d=/))).toEqual(
          last(environmentOf(written).filter((word) => /^V\d=/.test(word))),
        );
      }),
      { numRuns: 20 },
    );
  });
});

function assigned(environ = "", name = /^ODD\d+=/): string[] {
  return environ.split("\0").filter((word) => name.test(word));
}

/** The words of `Environment=` as the library reads them. */
function environmentOf(file: string): string[] {
  const exec = parseSettings(file).filter(({ name }) => name === "Exec");
  const values = exec.flatMap(({ entries }) =>
    entries.filter(([key]) => key === "Environment").map(([, value]) => value),
  );
  const sinceReset = values.slice(values.lastIndexOf(RESET) + 1);
  return sinceReset.flatMap((value) => (value === RESET ? [] : parseNspawnWords(value)));
}
