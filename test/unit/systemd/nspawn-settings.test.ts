import { NSPAWN_SETTINGS, type Setting } from "../../../provider/systemd/nspawn-settings";
import { type NspawnSettingsInput, nspawnSettings } from "../../../provider/systemd/nspawn-settings/schema";
import { settingsEntries } from "../../../provider/systemd/nspawn-settings/written";

const typed = NSPAWN_SETTINGS.filter(({ instead }) => instead === undefined);
const other = NSPAWN_SETTINGS.filter(({ instead }) => instead !== undefined);
const named = (settings: readonly Setting[]) =>
  settings.map((setting) => [`${setting.section}.${setting.key}`, setting] as const);

const messages = (input: unknown) => nspawnSettings.safeParse(input).error?.issues.map((issue) => issue.message);
const entries = (input: NspawnSettingsInput) =>
  settingsEntries(input).map(({ section, key, value }) => [section, key, value]);

/** The refused text in place of the accepted value. */
function refusedValue({ kind: { accepted, refused } }: Setting): unknown {
  if (Array.isArray(accepted)) return [refused];
  return typeof accepted === "number" ? Number(refused) : refused;
}

test.each(named(typed))("%s accepts its sample unchanged, and refuses what systemd would refuse", (_name, setting) => {
  const { section, key, kind } = setting;
  const input = { [section]: { [key]: kind.accepted } };
  expect(nspawnSettings.parse(input)).toEqual(input);
  expect(
    nspawnSettings.safeParse({ [section]: { [key]: refusedValue(setting) } }).error?.issues[0]?.path.slice(0, 2),
  ).toEqual([section, key]);
});

test.each(named(other))("%s is refused, with what to write", (_name, { section, key, kind, instead }) => {
  expect(messages({ [section]: { [key]: kind.accepted } })).toEqual([`is not set here. ${instead}`]);
});

test("a value is written as systemd reads it, with each item of a list on its own line", () => {
  const settings = nspawnSettings.parse({
    Network: { MACVLAN: ["eth1", "eth2:lan0"] },
    Exec: {
      Parameters: ["single", `it's "so"`],
      NoNewPrivileges: false,
      SystemCallFilter: ["@keyring", "~@mount"],
      LimitNOFILE: 1024,
      OOMScoreAdjust: -5,
    },
    Files: { Volatile: true },
    lines: { Exec: ["Brewing=a = b"], Network: ["Tea=yes"] },
  });
  expect(entries(settings)).toEqual([
    ["Exec", "Parameters", "single"],
    ["Exec", "Parameters", `"it's "'"'"so"'"'`],
    ["Exec", "NoNewPrivileges", "no"],
    ["Exec", "SystemCallFilter", "@keyring"],
    ["Exec", "SystemCallFilter", "~@mount"],
    ["Exec", "LimitNOFILE", "1024"],
    ["Exec", "OOMScoreAdjust", "-5"],
    ["Files", "Volatile", "yes"],
    ["Network", "MACVLAN", "eth1"],
    ["Network", "MACVLAN", "eth2:lan0"],
    ["Exec", "Brewing", "a = b"],
    ["Network", "Tea", "yes"],
  ]);
});

test.each([
  [{ Exec: { Brewing: true } }, /does not know "Brewing" in \[Exec\].*lines: \{ Exec: \["Brewing=VALUE"\] \}/],
  [{ Exec: { nonewprivileges: true } }, /systemd has NoNewPrivileges in \[Exec\]/],
  [{ Exec: { MACVLAN: ["eth1"] } }, /systemd has MACVLAN in \[Network\]/],
  [{ Exec: { NoNewPrivileges: "yes" } }, /^"yes" is not true or false$/],
  [{ Exec: { PivotRoot: "//" } }, /^"\/\/" is not an absolute path/],
  [{ Exec: { ResolvConf: "copy" } }, /^"copy" is not one of "off", "copy-host"/],
  [{ Exec: { LimitNOFILE: "2:1" } }, /^"2:1" is not a number.*SOFT:HARD/],
  [{ Exec: { Parameters: ["secret\nword"] } }, /^contains a line break/],
  [{ lines: { Exec: ["Brewing"] } }, /^is not a line Key=VALUE$/],
  [{ lines: { Exec: ["Brewing=tea\nBoot=no"] } }, /^the value of "Brewing" contains a line break/],
  [{ lines: { Exec: ["Boot=no"] } }, /^"Boot" is not set here\. A machine always boots\.$/],
  [{ lines: { Exec: ["[Files]\nX=1"] } }, /is not a line Key=VALUE/],
])("%j is refused with a reason", (input, message) => {
  expect(messages(input)?.join()).toMatch(message);
});

test.each(["LimitCPU", "LimitFSIZE", "LimitNICE"])("%s accepts the amounts of its own kind", (key) => {
  const valid = (value: unknown) => nspawnSettings.safeParse({ Exec: { [key]: value } }).success;
  expect([0, "5", "5:7"].map(valid)).toEqual([true, true, true]);
  expect([-41, 1.5, "", "5:", ":5", "7:5", "1:2:3", "18446744073709551615"].some(valid)).toBe(false);
  expect(["5s", "5K", "-20"].map(valid)).toEqual(["LimitCPU", "LimitFSIZE", "LimitNICE"].map((kind) => kind === key));
  expect(valid("infinity")).toBe(key !== "LimitNICE");
});
