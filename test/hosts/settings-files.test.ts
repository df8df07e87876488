import * as fc from "fast-check";
import { sh } from "../../provider/remote";
import { renderColonFields } from "../../provider/systemd/colon-fields";
import { parseNspawnWords, quoteNspawnWord } from "../../provider/systemd/nspawn-words";
import { RESET, renderSettings } from "../../provider/systemd/settings-file";
import { parseSettings } from "../../provider/systemd/settings-parser";
import { quoteExecArgument, quoteUnitWord } from "../../provider/systemd/unit-words";
import { generations } from "../support/generations";
import { type TestHost, up } from "../support/hosts";
import { TinyMachine } from "../support/tiny-machine";

const odd = [..." \t\"'\\=:%$#;[]{}*?", "a", "ä", "😀", "\x1b", "\u00a0", "\u2028", "\ufeff"];
const text = (...more: string[]) => fc.string({ unit: fc.constantFrom(...odd, ...more), maxLength: 20 });

describe.each(generations("bookworm", "forky"))("settings files as read by systemd on %s", (suite) => {
  let host: TestHost;
  let tiny: TinyMachine;

  beforeAll(async () => {
    host = await up({ name: `files-${suite}`, suite });
    tiny = await TinyMachine.create(host, "tiny");
  });

  afterAll(() => host.down());

  test("words of Environment= and Parameters= arrive unchanged", async () => {
    const words = fc.array(text(), { minLength: 30, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(words, words, async (values, more) => {
        // With a dot before any "=", no version takes it for a variable.
        const parameters = more.map((word) => `.${word}`);
        const environment = values.map((value, index) => `ODD${index}=${value}`);
        const entries = [
          { section: "Exec", key: "Boot", value: "yes" },
          ...environment.map((word) => ({ section: "Exec", key: "Environment", value: quoteNspawnWord(word) })),
          ...parameters.map((word) => ({ section: "Exec", key: "Parameters", value: quoteNspawnWord(word) })),
        ];
        const { seen, stderr } = await tiny.run(renderSettings("odd words", entries));
        expect(stderr).not.toMatch(/\.nspawn:/);
        expect(assigned(seen.environ)).toEqual(environment);
        expect(seen.arguments?.split("\0").slice(2, -1)).toEqual(parameters);
      }),
      { numRuns: 3 },
    );
  });

  test("paths of Bind= arrive unchanged", async () => {
    const name = text().filter((part) => ![".", ".."].includes(part));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, name), { minLength: 10, maxLength: 20 }), async (pairs) => {
        const binds = pairs.map(([source, target], index) => [`/srv/odd/${index}${source}`, `/mnt/${index}${target}`]);
        const made = binds.map(([source = ""], index) => sh`mkdir -p -- ${source}; echo ${index} >${source}/mark`.text);
        await host.sh(["set -e", `rm -rf ${tiny.root}/mnt/* /srv/odd`, ...made].join("\n"));
        const entries = binds.map((fields) => ({
          section: "Files",
          key: "Bind",
          value: `${renderColonFields(fields)}:norbind`,
        }));
        const { seen, stderr } = await tiny.run(renderSettings("odd paths", entries));
        expect(stderr).not.toMatch(/\.nspawn:/);
        const marks = (seen.marks ?? "").split("\n").slice(0, -1);
        expect(marks.sort()).toEqual(binds.map(([, target], index) => `${index} ${target}/mark`).sort());
      }),
      { numRuns: 3 },
    );
  });

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
        const { seen } = await tiny.run(written);
        const last = (words: readonly string[]) => Object.fromEntries(words.map((word) => [word.slice(0, 2), word]));
        expect(last(assigned(seen.environ, /^V\d=/))).toEqual(
          last(environmentOf(written).filter((word) => /^V\d=/.test(word))),
        );
      }),
      { numRuns: 20 },
    );
  });

  test("words of units arrive unchanged", async () => {
    const words = fc.array(text("\n", "\x01"), { minLength: 30, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(words, words, async (values, arguments_) => {
        const environment = values.map((value, index) => `ODD${index}=${value}`);
        const print = ["/usr/bin/printf", ...["%s\\0", ...arguments_].map(quoteExecArgument)].join(" ");
        const unit = renderSettings("odd words", [
          { section: "Service", key: "Type", value: "oneshot" },
          { section: "Service", key: "StandardOutput", value: "append:/run/odd" },
          { section: "Service", key: "Environment", value: environment.map(quoteUnitWord).join(" ") },
          { section: "Service", key: "ExecStart", value: print },
          { section: "Service", key: "ExecStart", value: "/usr/bin/env -0" },
        ]);
        const path = "/run/systemd/system/odd.service";
        await host.sh(
          sh`rm -f /run/odd; printf %s ${unit} >${path}; systemctl daemon-reload; systemctl start odd`.text,
        );
        const said = (await host.sh("cat /run/odd")).split("\0");
        expect(said.slice(0, arguments_.length)).toEqual(arguments_);
        expect(said.slice(arguments_.length).filter((word) => /^ODD\d+=/.test(word))).toEqual(environment);
      }),
      { numRuns: 3 },
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
