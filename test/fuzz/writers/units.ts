import { sh } from "../../../provider/remote";
import {
  inputs as devicesInputs,
  render as renderDevices,
} from "../../../provider/resources/nspawn-machine/inputs/devices";
import { inputs as orderInputs } from "../../../provider/resources/nspawn-machine/inputs/order";
import { absolutePath } from "../../../provider/systemd/paths";
import { renderDropIn } from "../../../provider/systemd/unit-file";
import { quoteExecArgument, quoteUnitWord } from "../../../provider/systemd/unit-words";
import { allDiffer, differs } from "../compare";
import { writer } from "../fuzz";
import { hostilePath, hostileText } from "../hostile";
import { type HostOracle, runThere } from "../oracles";

const text = hostileText("A=b c", "100 %", "$HOME", "it's", "c:\\x41");
const UNIT = "/run/systemd/system/fuzz.service";

/** The output of a unit, which is started once. */
async function outputOf(oracle: HostOracle, entries: readonly (readonly [string, string])[]): Promise<string> {
  const unit = renderDropIn([
    ...[["Type", "oneshot"] as const, ["StandardOutput", "append:/run/fuzz"] as const, ...entries].map(
      ([key, value]) => ({
        section: "Service",
        key,
        value,
      }),
    ),
  ]);
  return runThere(
    oracle,
    sh`rm -f /run/fuzz; printf %s ${unit} >${UNIT}; systemctl daemon-reload; systemctl start fuzz; cat /run/fuzz`.text,
  );
}

const environment = writer<string, string>({
  name: "units, Environment=",
  functions: "quoteUnitWord, renderDropIn",
  program: "systemd",
  where: "host",
  share: 12_000,
  batch: 400,
  values: text,
  write: quoteUnitWord,
  differences: async (batch, oracles) => {
    // The name is in the word, and the word is quoted as a whole.
    const words = batch.map(({ value }, index) => quoteUnitWord(`FUZZ${index}=${value}`));
    const output = await outputOf(await oracles.host(), [
      ...words.map((word) => ["Environment", word] as const),
      ["ExecStart", "/usr/bin/env -0"],
    ]);
    const read = new Map(
      output.split("\0").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    return batch.map(({ value }, index) => differs(read.get(`FUZZ${index}`), value));
  },
});

const commands = writer<string, string>({
  name: "units, ExecStart=",
  functions: "quoteExecArgument, renderDropIn",
  program: "systemd",
  where: "host",
  share: 12_000,
  batch: 400,
  values: text,
  write: quoteExecArgument,
  differences: async (batch, oracles) => {
    const print = ["/usr/bin/printf", quoteExecArgument("%s\\0"), ...batch.map(({ written }) => written)].join(" ");
    const output = await outputOf(await oracles.host(), [["ExecStart", print]]);
    return allDiffer(
      output.split("\0").slice(0, -1),
      batch.map(({ value }) => value),
    );
  },
});

/** What systemd has for a property of many units, by D-Bus: as JSON, in the order of the units. */
async function propertiesOf(oracle: HostOracle, units: readonly string[], names: readonly string[]): Promise<string[]> {
  const made = units.map((text, index) => sh`printf %s ${text} >${`/run/systemd/system/fuzz-${index}.service`}`.text);
  const asked = units.map(
    (_, index) =>
      sh`busctl --json=short get-property org.freedesktop.systemd1 ${`/org/freedesktop/systemd1/unit/fuzz_2d${index}_2eservice`} ${names} 2>&1; echo /end`
        .text,
  );
  const script = ["rm -f /run/systemd/system/fuzz-*", ...made, "systemctl daemon-reload", ...asked].join("\n");
  return (await runThere(oracle, script)).split("/end\n").slice(0, -1);
}

/** A line of a file, whatever its key. `Description=` is read as it is, but for specifiers. */
const lines = writer<string, string>({
  name: "lines of settings files",
  functions: "renderSections, problemOf",
  program: "systemd",
  where: "host",
  share: 4000,
  batch: 200,
  values: text,
  write: (value) => renderDropIn([{ section: "Unit", key: "Description", value: value.replaceAll("%", "%%") }]),
  differences: async (batch, oracles) => {
    const units = batch.map(({ written }) => `${written}[Service]\nExecStart=true\n`);
    const made = units.map((unit, index) => sh`printf %s ${unit} >${`/run/systemd/system/fuzz-${index}.service`}`.text);
    const names = batch.map((_, index) => `fuzz-${index}.service`);
    const script = [
      "rm -f /run/systemd/system/fuzz-*",
      ...made,
      "systemctl daemon-reload",
      sh`busctl --json=short call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager ListUnitsByNames as ${names.length} ${names}`
        .text,
    ].join("\n");
    const answer: { data: [string, string][][] } = JSON.parse(await runThere(await oracles.host(), script));
    const read = new Map(answer.data.flat().map(([name, description]) => [name, description]));
    return batch.map(({ value }, index) => differs(read.get(`fuzz-${index}.service`), value));
  },
});

/** Paths of mounts, which a machine's unit waits for. */
const mounts = writer<string, { path: string; word: string }>({
  name: "units, RequiresMountsFor=",
  functions: "absolutePath, quoteUnitWord",
  program: "systemd",
  where: "host",
  share: 4000,
  batch: 200,
  values: hostilePath("/srv"),
  write: (value) => {
    const parsed = absolutePath.parse(value);
    return { path: parsed, word: quoteUnitWord(parsed) };
  },
  differences: async (batch, oracles) => {
    const unit = renderDropIn(
      batch.map(({ written }) => ({ section: "Unit", key: "RequiresMountsFor", value: written.word })),
    );
    const [answer = ""] = await propertiesOf(
      await oracles.host(),
      [`${unit}[Service]\nExecStart=true\n`],
      ["org.freedesktop.systemd1.Unit", "RequiresMountsFor"],
    );
    const { data = [] }: { data?: string[] } = JSON.parse(answer);
    const read = new Set(data);
    const foreign = data.filter((one) => !batch.some(({ written }) => written.path === one));
    return batch.map(({ written }) =>
      read.has(written.path) && foreign.length === 0
        ? undefined
        : `not among the paths; others are ${JSON.stringify(foreign)}`,
    );
  },
});

/** Devices that a machine may use. */
const devices = writer<string, { path: string; value: string }>({
  name: "units, DeviceAllow=",
  functions: "devices of NspawnMachine",
  program: "systemd",
  where: "host",
  share: 3000,
  batch: 200,
  values: hostilePath("/dev"),
  write: (value) => {
    const devices = devicesInputs.devices.parse([value]);
    const { unit = [] } = renderDevices({ devices, privateUsers: false, running: false });
    const [entry] = unit;
    if (typeof entry?.value !== "string") throw new Error("no entry");
    return { path: devices[0]?.path ?? "", value: entry.value };
  },
  differences: async (batch, oracles) => {
    const unit = renderDropIn(
      batch.map(({ written }) => ({ section: "Service", key: "DeviceAllow", value: written.value })),
    );
    const [answer = ""] = await propertiesOf(
      await oracles.host(),
      [`${unit}ExecStart=true\n`],
      ["org.freedesktop.systemd1.Service", "DeviceAllow"],
    );
    const { data = [] }: { data?: [string, string][] } = JSON.parse(answer);
    const read = new Set(data.map((one) => one.join(" ")));
    return batch.map(({ written }) => (read.has(`${written.path} rw`) ? undefined : "not among the devices"));
  },
});

/** Units that a machine depends on. */
const dependencies = writer<string, readonly string[]>({
  name: "units, After=",
  functions: "after of NspawnMachine",
  program: "systemd",
  where: "host",
  share: 3000,
  batch: 200,
  values: hostileText("network-online.target", "dev-sda1.device", "a@b.service", "x\\x2dy.mount", "box.service", "web"),
  write: (value) => {
    const after = orderInputs.after.parse([value]);
    return after.map(({ unit }) => unit);
  },
  differences: async (batch, oracles) => {
    const units = batch.flatMap(({ written }) => written);
    const text = renderDropIn(units.map((unit) => ({ section: "Unit", key: "After", value: unit })));
    const [answer = ""] = await propertiesOf(
      await oracles.host(),
      [`${text}[Service]\nExecStart=true\n`],
      ["org.freedesktop.systemd1.Unit", "After"],
    );
    const { data = [] }: { data?: string[] } = JSON.parse(answer);
    return batch.map(({ written }) =>
      written.every((unit) => data.includes(unit)) ? undefined : `not among the units after which it starts`,
    );
  },
});

export const unitWriters = [environment, commands, lines, mounts, devices, dependencies];
