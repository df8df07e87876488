import * as fc from "fast-check";
import { check } from "../../../provider/dynamic/check";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { parseExecArguments } from "../../../provider/systemd/unit-words";
import { dropInLines, filesOf, machine } from "./support/machine";

const directory = "/etc/systemd/nspawn/web.credentials";

test("a secret is a file of which only the checksum leaves the host, and the command line has its path", () => {
  const secrets = { "db.password": "hunter2" };
  expect(machineFiles(machine({ secrets })).files.restart.get(`${directory}/db.password`)).toEqual({
    text: "hunter2",
    mode: "0600",
    secret: true,
  });
  expect(dropInLines("service", { secrets }).at(-1)).toMatch(
    / --machine=%i --load-credential=db\.password:\/etc\/systemd\/nspawn\/web\.credentials\/db\.password$/,
  );
  expect(machineFiles(machine({ secrets })).needs).toEqual([{ what: "secrets", systemd: 247 }]);
  const others = Object.entries(filesOf({ secrets })).filter(([path]) => !path.startsWith(directory));
  expect(JSON.stringify(others)).not.toContain("hunter2");
});

/** How systemd-nspawn splits `--load-credential=`: the name's backslashes are removed, the path stays as it is. */
function split(argument: string): [string, string] {
  const [, id = "", path = ""] = /^--load-credential=((?:[^:\\]|\\.)*):(.*)$/.exec(argument) ?? [];
  return [id.replace(/\\(.)/g, "$1"), path];
}

test("every accepted name reaches systemd-nspawn unchanged", () => {
  const character = fc.constantFrom(..."aZ09.-_ %$\\\"';@{}=#&*[]~");
  const name = fc
    .string({ unit: character, minLength: 1, maxLength: 20 })
    .filter((text) => !/^ | $|^\.{1,2}$/.test(text));
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), (names) => {
      const secrets = Object.fromEntries(names.map((id) => [id, "x"]));
      const start =
        dropInLines("service", { secrets })
          .at(-1)
          ?.replace(/^ExecStart=.* --machine=%i /, "") ?? "";
      expect(parseExecArguments(start).map(split)).toEqual(
        Object.keys(secrets).map((id) => [id, `${directory}/${id}`]),
      );
    }),
  );
});

test.each(["", ".", "..", "a/b", "a:b", " a", "a ", "ä", "a\nb", "a\u007f", "x".repeat(251)])(
  "the name %j is refused, by systemd's rule",
  (name) => {
    const { failures } = check(machineHandler, {}, { ...news, secrets: { [name]: "hunter2" } });
    expect(failures.map(({ reason }) => reason)).toEqual([
      `secrets: ${JSON.stringify(name)} is not the name of a credential: 1 to 250 characters of printable ASCII, without "/" and ":", no blank at an end`,
    ]);
  },
);

const news = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };

test.each([["hunter2\0"], ["hunter2\ud800"], [`hunter2${"x".repeat(1024 * 1024)}`], [{ hunter2: 1 }]])(
  "an invalid value is refused without being shown",
  (value) => {
    const { failures } = check(machineHandler, {}, { ...news, secrets: { db: value } });
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toMatch(/^secrets\.db: /);
    expect(JSON.stringify(failures)).not.toContain("hunter2");
  },
);
