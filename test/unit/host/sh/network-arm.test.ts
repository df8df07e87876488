import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { rollbackScript } from "../../../../provider/host/networks/change/settle";
import { sh } from "../../../../provider/host/sh";
import { called } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const PENDING = "/var/lib/pulumi-nspawn/network-change";
const MANIFEST = "/var/lib/pulumi-nspawn/bridges/br0.files";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "", "systemd-run": "", networkctl: "", ip: "", sync: "", sleep: "" });
});
afterEach(() => host.remove());

const texts = ["to\\ken", "apply 'it'\n", 'roll\\c "back" $x\n'];
const save = (...paths: readonly string[]) =>
  host.ended(
    sh`network_gateway_asked=; network_save ${[host.at(MANIFEST), ...texts, ...paths.map((path) => host.at(path))]}`,
  );
const pending = (name: string) => readFileSync(host.at(`${PENDING}/${name}`), "utf8");
/** The saved paths, each with its number. */
const saved = () =>
  Object.fromEntries(
    pending("paths")
      .split("\n")
      .slice(0, -1)
      .map((line) => [line.slice(line.indexOf(" ") + 1).replace(host.directory, ""), line.slice(0, line.indexOf(" "))]),
  );

describe("network_save", () => {
  test("keeps what is there, and its mode, and notes what is not", () => {
    host.write("/etc/systemd/network/a b\\c.network", "old\n", 0o640);
    expect(save("/etc/systemd/network/a b\\c.network", "/etc/systemd/network/-new")).toMatchObject({ status: 0 });
    const paths = saved();
    expect(Object.keys(paths).sort()).toEqual(["/etc/systemd/network/-new", "/etc/systemd/network/a b\\c.network"]);
    const copy = `${PENDING}/backup/${paths["/etc/systemd/network/a b\\c.network"]}`;
    expect([readFileSync(host.at(copy), "utf8"), statSync(host.at(copy)).mode & 0o777]).toEqual(["old\n", 0o640]);
    expect(existsSync(host.at(`${PENDING}/backup/${paths["/etc/systemd/network/-new"]}`))).toBe(false);
  });

  test("keeps the files of the manifest too, each once", () => {
    host.write("/etc/systemd/network/x.network", "x");
    host.write("/etc/systemd/network/y z.network", "y");
    const [x, y] = ["/etc/systemd/network/x.network", "/etc/systemd/network/y z.network"].map((path) => host.at(path));
    host.write(MANIFEST, `live plain ${x}\nlive plain ${y}\n`);
    save("/etc/systemd/network/x.network");
    expect(Object.keys(saved()).sort()).toEqual(["/etc/systemd/network/x.network", "/etc/systemd/network/y z.network"]);
  });

  test("puts the scripts and the token there as they are, for root only, and leaves nothing else", () => {
    save("/etc/x");
    expect(["token", "apply", "rollback"].map(pending)).toEqual(texts);
    expect(statSync(host.at(PENDING)).mode & 0o777).toBe(0o700);
    expect(existsSync(host.at(`${PENDING}/all`)) || existsSync(host.at(`${PENDING}.new`))).toBe(false);
    expect(existsSync(host.at(`${PENDING}/gateway`))).toBe(false);
  });

  test("starts from scratch after one that was killed", () => {
    host.write(`${PENDING}.new/paths`, "1 /etc/other\n");
    save("/etc/x");
    expect(Object.keys(saved())).toEqual(["/etc/x"]);
  });

  test.each([
    ["yes", "answers", true],
    ["yes", "is silent", false],
    ["", "answers", false],
  ])("asked '%s', and if the gateway %s: whether that is noted is %s", (asked, how, noted) => {
    const answers = sh`network_gateway_answers() { ${how === "answers" ? sh`:` : sh`false`}; }`;
    const call = sh`${answers}; network_gateway_asked=${asked}; network_save ${[MANIFEST, ...texts, host.at("/etc/x")]}`;
    expect(host.ended(call)).toMatchObject({ status: 0 });
    expect(existsSync(host.at(`${PENDING}/gateway`))).toBe(noted);
  });

  test("nothing counts if something cannot be kept", () => {
    mkdirSync(host.at("/etc/systemd/network/x"), { recursive: true });
    expect(save("/etc/systemd/network/x").status).toBeGreaterThan(0);
    expect(existsSync(host.at(PENDING))).toBe(false);
  });

  test("a link is kept as a link, wherever it leads, and comes back as one", () => {
    const [link, dangling] = ["/etc/systemd/network/a.network", "/etc/systemd/network/b.network"] as const;
    host.write("/etc/elsewhere", "elsewhere\n");
    mkdirSync(host.at("/etc/systemd/network"), { recursive: true });
    symlinkSync("../../elsewhere", host.at(link));
    symlinkSync("/nowhere/x", host.at(dangling));
    expect(save(link, dangling)).toMatchObject({ status: 0 });
    host.write(MANIFEST, "");
    host.ended(sh`rm -- ${host.at(link)} ${host.at(dangling)}; echo new >${host.at(link)}`);
    const text = rollbackScript({
      token: "x",
      bridge: "br0",
      uplink: undefined,
      links: [],
      netdev: "/etc/systemd/network/none",
      network: "/etc/systemd/network/none",
      files: { restart: new Map(), live: new Map() },
      manifest: MANIFEST,
      marker: { path: "/x", text: undefined },
      gatewayHasToAnswer: false,
      before: sh`:`,
    });
    host.write(
      "rollback",
      text.replaceAll(/(?<![\w}])\/(run|var\/lib|etc)\/(pulumi-nspawn|systemd)\b/g, `${host.directory}$&`),
    );
    host.write(`${PENDING}/token`, "x");
    host.ended(sh`export PATH; sed -i '/^PATH=/d' ${host.at("rollback")}; sh ${host.at("rollback")}`);
    expect([link, dangling].map((path) => lstatSync(host.at(path)).isSymbolicLink())).toEqual([true, true]);
    expect([link, dangling].map((path) => readlinkSync(host.at(path)))).toEqual(["../../elsewhere", "/nowhere/x"]);
    expect(readFileSync(host.at("/etc/elsewhere"), "utf8")).toBe("elsewhere\n");
  });
});

describe("network_arm", () => {
  const unit = "my-rollback.service";
  const arm = () => host.ended(sh`network_arm ${[unit, "[Unit]\nDescription=it's \\c\n", 20]}; echo armed`);

  test("the unit is there and enabled before the timer runs, and all of it is on disk", () => {
    expect(arm()).toEqual({ status: 0, stdout: "armed\n", stderr: "" });
    expect(readFileSync(host.at(`/etc/systemd/system/${unit}`), "utf8")).toBe("[Unit]\nDescription=it's \\c\n");
    expect(called(host).map((call) => call.trim())).toEqual([
      `sync -- /etc/systemd/system/${unit}.new`,
      "sync -- /etc/systemd/system",
      `systemctl -q enable ${unit}`,
      "systemctl daemon-reload",
      `systemd-run --quiet --on-active=20 --timer-property=AccuracySec=100ms --unit=${unit}`,
      "sync",
    ]);
  });

  test("a unit that is there already is no failure", () => {
    arm();
    expect(arm()).toMatchObject({ status: 0 });
  });

  test.each([
    ["systemctl", "case $* in *enable*) exit 1 ;; esac"],
    ["systemctl", "case $* in daemon-reload) exit 1 ;; esac"],
    ["systemd-run", "exit 1"],
  ])("fails if %s does: %s", (program, text) => {
    host.program(program, text);
    const { status, stdout } = arm();
    expect([status === 0, stdout]).toEqual([false, ""]);
  });
});

describe("network_unarmed", () => {
  test("nothing is pending any longer, whatever of it there was", () => {
    const unit = "/etc/systemd/system/my-rollback.service";
    for (const path of [`${PENDING}/token`, `${PENDING}.new/token`, unit]) host.write(path, "x");
    host.program("systemctl", "exit 1");
    host.ended(sh`network_unarmed my-rollback.service || :`);
    expect([PENDING, `${PENDING}.new`, unit].filter((path) => existsSync(host.at(path)))).toEqual([]);
  });
});
