import fc from "fast-check";
import { quote } from "shlex";
import { sh } from "../../../provider/host/sh";
import { lines, parseAnswer, prelude, type Script } from "../../../provider/remote";
import { allDiffer, differs } from "../compare";
import { writer } from "../fuzz";
import { hostileText } from "../hostile";
import type { WriterSpec } from "../writer";

const SHELLS = { dash: ["dash"], "bash --posix": ["bash", "--posix"] } as const;
type Shell = keyof typeof SHELLS;

const text = hostileText("it's", "-n", "$(id)", "a b");

/** A value as a word of its own, and twice within a word. */
function templateWords(shell: Shell) {
  return writer<string, Script>({
    name: `shell words, ${shell}`,
    functions: "sh`${word}` of provider/remote/script",
    program: shell,
    where: "anywhere",
    share: 34_000,
    batch: 500,
    values: text,
    write: (value) => sh`${value} x${value}=${value}y`,
    differences: async (batch, oracles) => {
      const wanted = batch.flatMap(({ value }) => [value, `x${value}=${value}y`]);
      const { stdout } = await oracles.here(
        SHELLS[shell],
        `printf '%s\\0' ${batch.map(({ written }) => written.text).join(" ")}`,
      );
      const each = allDiffer(stdout.split("\0").slice(0, -1), wanted);
      return batch.map((_, index) => each[2 * index] ?? each[2 * index + 1]);
    },
  });
}

/** A script as the argument of another shell, as in `sh -c` of a unit, of sudo, and of a user's step. */
const nested = writer<string, Script>({
  name: "scripts within scripts",
  functions: "sh`sh -c ${script}`, eval ${script}",
  program: "dash",
  where: "anywhere",
  share: 4000,
  batch: 200,
  values: text,
  write: (value) => {
    const inner = sh`printf '%s\0' ${value}`;
    return sh`sh -c ${sh`eval ${inner.text}`.text}`;
  },
  differences: async (batch, oracles) => {
    const { stdout } = await oracles.here(["dash"], lines(batch.map(({ written }) => written)).text);
    return allDiffer(
      stdout.split("\0").slice(0, -1),
      batch.map(({ value }) => value),
    );
  },
});

/** The line that a login shell gets from sshd. */
function commandLines(shell: Shell) {
  return writer<readonly string[], string>({
    name: `lines of a login shell, ${shell}`,
    functions: "quote of shlex, as in remote/ssh/exec and remote/openssh/link",
    program: shell,
    where: "anywhere",
    share: 12_000,
    batch: 300,
    // Constants, numbers and scripts of `sh`: no NUL, and whole characters.
    values: fc.array(
      text.filter((word) => !word.includes("\0") && !/\p{Cs}/u.test(word)),
      { maxLength: 3 },
    ),
    write: (words) => words.map((word) => quote(word)).join(" "),
    differences: async (batch, oracles) => {
      const script = batch.map(({ written }) => `printf '%s\\0' ${written} '/end'`).join("\n");
      const { stdout } = await oracles.here(SHELLS[shell], script);
      const read = stdout.split("/end\0").slice(0, -1);
      return allDiffer(
        read,
        batch.map(({ value }) => value.map((word) => `${word}\0`).join("")),
      );
    },
  });
}

/** Answers of scripts: the shell writes, and the library reads. */
const answers = writer<readonly string[], Script>({
  name: "answers",
  functions: "answer of answers.sh, parseAnswer",
  program: "dash, base64",
  where: "anywhere",
  share: 2000,
  batch: 100,
  values: fc.array(text, { minLength: 1, maxLength: 3 }),
  write: (values) => sh`answer key ${values}`,
  differences: async (batch, oracles) => {
    const script = lines([prelude, ...batch.map(({ written }) => written)]).text;
    const { stdout } = await oracles.here(["dash"], script);
    const read = stdout.split("\n").flatMap((line) => parseAnswer(line) ?? []);
    return batch.map(({ value }, index) =>
      differs(JSON.stringify(read[index]), JSON.stringify({ key: "key", values: value })),
    );
  },
});

interface Member {
  readonly before: string;
  readonly key: string;
  readonly value: string;
}

/** Markers, which scripts on a host read. */
const json: WriterSpec<Member, string> = {
  name: "JSON for scripts",
  functions: "JSON.stringify, json_field of json.sh",
  program: "dash, awk",
  where: "anywhere",
  share: 3000,
  batch: 100,
  values: fc.record({
    before: text,
    key: text.filter((key) => key !== "__proto__" && !key.includes("\0")),
    value: text,
  }),
  write: ({ before, key, value }) => JSON.stringify({ [`${key}0`]: before, [key]: value, z: [before, key] }),
  differences: async (batch, oracles) => {
    const calls = batch.map(
      ({ value: { key }, written }) => sh`printf %s ${written} | json_field ${wellFormed(key)}; printf '/end\0'`,
    );
    const { stdout } = await oracles.here(["dash"], lines([prelude, ...calls]).text);
    const read = stdout.split("/end\0").slice(0, -1);
    // No variable of a shell holds a NUL, and halves of pairs are no characters.
    return allDiffer(
      read,
      batch.map(({ value: { value } }) => `${wellFormed(value.replaceAll("\0", ""))}\n`),
    );
  },
};

/** As it arrives in UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

export const shellWriters = [
  templateWords("dash"),
  templateWords("bash --posix"),
  nested,
  commandLines("dash"),
  commandLines("bash --posix"),
  answers,
  writer(json),
];
