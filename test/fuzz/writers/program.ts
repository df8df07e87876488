import { runInNewContext } from "node:vm";
import fc from "fast-check";
import ts from "typescript";
import { adoptingProgram } from "../../../provider/adoption/program";
import { installedPackagesOf } from "../../../provider/host/packages";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";
import { nspawnFilePath } from "../../../provider/systemd/nspawn-file";
import { differs, shown } from "../compare";
import { writer } from "../fuzz";
import { hostileText } from "../hostile";

const text = hostileText("box", "A=b c", "it's", "100 %", "${HOME}", "*/ //", "`x`");
const KEYS = ["Environment", "Hostname", "PrivateUsers", "Capability", "Parameters", "KillSignal", "X-Other", "Bind"];

/** Files as people write them, some with lines that systemd ignores. */
const nspawnFile = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...KEYS), text).map(([key, value]) => `${key}=${value}`) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          "[Exec]",
          "[Network]",
          "[Files]",
          "Hostname=box",
          "PrivateUsers=pick",
          "Environment=A=b",
        ),
      },
      { weight: 1, arbitrary: text },
    ),
    { maxLength: 4 },
  )
  .map((lines) => `[Exec]\nBoot=yes\n${lines.join("\n")}\n`);

interface Found {
  readonly connection: string;
  readonly name: string;
  readonly prettyName: string;
  readonly file: string;
}

/** A resource of the program, as its constructor got it. */
interface Declared {
  readonly kind: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a program declares. Its values are made in a context of their own, so they pass through JSON. */
function declaredBy(program: string): Declared[] {
  const { outputText, diagnostics = [] } = ts.transpileModule(program, {
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  if (diagnostics.length > 0) throw new Error(ts.flattenDiagnosticMessageText(diagnostics[0]?.messageText ?? "", "\n"));
  const classes = `
const declared = [];
const note = (kind) => function (name, inputs) { declared.push({ kind, name, inputs }); };
const require = () => ({ Host: note("Host"), DebianRootfs: note("DebianRootfs"), NspawnMachine: note("NspawnMachine") });
const exports = {};`;
  return JSON.parse(
    runInNewContext(`(() => {${classes}\n${outputText}\nreturn JSON.stringify(declared);})()`, {}, { timeout: 5000 }),
  );
}

/** How what a program declares differs from what it was made from. */
function difference(program: string, { connection, name, file }: Found): string | undefined {
  let declared: Declared[];
  try {
    declared = declaredBy(program);
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} in ${shown(program)}`;
  }
  const [host, root, machine, ...more] = declared;
  if (host?.inputs.connection !== connection) return `the host is ${JSON.stringify(host)}`;
  if (root?.kind !== "DebianRootfs" || root.name !== name) return `the root is ${JSON.stringify(root)}`;
  if (machine?.kind !== "NspawnMachine" || machine.name !== name) return `the machine is ${JSON.stringify(machine)}`;
  if (more.length > 0) return `there is more: ${JSON.stringify(more)}`;
  const { rootfs: _rootfs, adopt: _adopt, ...inputs } = machine.inputs;
  const given = Object.keys(inputs);
  const parsed = machineInputs.parse({
    ...{ host: { connection: { host: "local" } }, name, rootName: name, rootfs: name },
    ...inputs,
    adopted: { text: file, running: true, autostart: true, given },
  });
  const written = machineFiles(parsed).files.restart.get(nspawnFilePath(name))?.text;
  return differs(written, file);
}

export const programWriters = [
  writer<Found, string>({
    name: "the adopting program",
    functions: "adoptingProgram",
    program: "TypeScript, Node.js",
    where: "anywhere",
    share: 1000,
    batch: 50,
    values: fc.record({
      connection: fc.oneof(hostileText("ssh://ops@web1:22", "web1"), fc.constant("local")),
      name: fc.oneof(fc.constantFrom("box", "a.b-c", "3d", "class", "host", "nspawn"), text),
      prettyName: text,
      file: nspawnFile,
    }),
    write: ({ connection, name, prettyName, file }) => {
      const osRelease = { id: "debian", prettyName, versionId: "13", codename: "trixie" };
      const root = { osRelease, packages: installedPackagesOf("") };
      const settings = { path: `/etc/systemd/nspawn/${name}.nspawn`, text: file };
      return adoptingProgram(connection, [
        { name, root, elsewhere: undefined, settings, running: true, autostart: true, owners: [] },
      ]);
    },
    differences: async (batch) =>
      batch.map(({ value, written }) => {
        if (written.includes("is left out: ")) return differs(String(leftOut(written)), "1");
        return difference(written, value);
      }),
  }),
];

/** How many resources a program declares that leaves its only machine out: the host. */
function leftOut(program: string): number {
  try {
    return declaredBy(program).length;
  } catch {
    return Number.NaN;
  }
}
