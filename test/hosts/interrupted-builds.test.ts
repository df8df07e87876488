import { setTimeout as pause } from "node:timers/promises";
import { stopJobs } from "../../provider/host/jobs/transient-unit";
import { type TestHost, up } from "../support/hosts";
import { ProviderProcess } from "../support/provider-process";
import { Roots, urnOf } from "../support/roots";

const IMAGES = "/var/lib/machines";
const CACHE = `${IMAGES}/.pulumi-cache`;
const UNITS = "'pulumi-nspawn-base-*'";

let host: TestHost;
beforeAll(async () => {
  host = await up({ name: "interrupted-builds", suite: "trixie", imageSize: "3G" });
});
afterAll(() => host?.down());

/** Somebody who makes roots, and waits for the host as long as it takes to boot. */
const someone = () => new Roots(host, "ops", { dial: { reconnectSeconds: 500 } });

/** Resolves when nothing unfinished is left of builds; a unit's last command runs after its end was reported. */
async function nothingUnfinished(): Promise<void> {
  const unfinished = `ls -d ${CACHE}/.building-* ${CACHE}/*.new ${IMAGES}/.pulumi-*.* 2>/dev/null`;
  while ((await host.exec(unfinished)).stdout !== "") await pause(200);
}

/** Resolves when the build runs; `end` is what a test expects of its end, and comes too early if it never runs. */
async function building(roots: Roots, end: Promise<unknown>): Promise<void> {
  await Promise.race([roots.shows(/^(downloading|unpacking)/), end]);
  expect(await host.sh(`ls -d ${CACHE}/.building-*`)).not.toBe("");
}

test("a build that is stopped leaves nothing", async () => {
  const roots = someone();
  const ended = expect(roots.create({ name: "web" })).rejects.toThrow(
    "it was stopped. The next `pulumi up` starts it again",
  );
  await building(roots, ended);
  await stopJobs();
  await ended;
  await nothingUnfinished();
});

test("a provider that is asked to end stops its build, which leaves nothing", async () => {
  const provider = await ProviderProcess.start();
  const news = JSON.parse(JSON.stringify({ ...someone().inputs({ name: "web" }), __urn: urnOf("web") }));
  const { inputs } = await provider.check("DebianRootfs", {}, news);
  const ended = provider.create("DebianRootfs", inputs).catch(() => "ended");
  while (!provider.messages.some(({ text }) => /^(downloading|unpacking)/.test(text))) await pause(50);
  provider.child.kill("SIGHUP");
  expect(await provider.ended()).toBe(129);
  expect(await ended).toBe("ended");
  await provider.stop();
  await nothingUnfinished();
  expect(await host.sh(`systemctl is-active ${UNITS} || :`)).not.toMatch(/^active/m);
});

test("a build that is killed on the host says so, and leaves nothing", async () => {
  const roots = someone();
  const ended = expect(roots.create({ name: "web" })).rejects.toThrow(
    /its unit pulumi-nspawn-base-\w+\.service was killed on the host \(signal\)\. The next `pulumi up` starts it again/,
  );
  await building(roots, ended);
  await host.sh(`systemctl kill --signal=KILL --kill-whom=main ${UNITS}`);
  await ended;
  await nothingUnfinished();
});

test("a disk that becomes full in a build is named, and what is unfinished goes", async () => {
  const roots = someone();
  const ended = expect(roots.create({ name: "web" })).rejects.toThrow(
    /the file system \/var\/lib\/machines \(\/dev\/\S+, ext4\) is full: \d+ MiB are free\. Make room in it, or enlarge it\./,
  );
  await Promise.race([roots.shows(/^unpacking/), ended]);
  await host.exec(`head -c 9G /dev/zero >${IMAGES}/filler`);
  await ended;
  await host.sh(`rm ${IMAGES}/filler`);
  await nothingUnfinished();
});

test("a power cut in a build is reported, and the base is built again", async () => {
  const roots = someone();
  const made = roots.create({ name: "web" });
  await building(roots, made);
  await host.powerOff();
  await host.powerOn();
  expect((await made).state.name).toBe("web");
  expect(roots.reported).toContainEqual("the host was rebooted; starting again");
  expect(roots.reported).toContainEqual(
    expect.stringMatching(/^the connection to .* was lost; connecting again, \d+ s$/),
  );
  await nothingUnfinished();
});

test("what a power cut left is removed when the next root is made, and what is in use stays", async () => {
  await host.sh(`
    mkdir -p ${CACHE}/.building-0123/etc ${CACHE}/4567/etc ${IMAGES}/.#rm-gone-g1/etc ${CACHE}/.building-cafe
    touch ${CACHE}/0123.tar.new ${CACHE}/0123.json.new ${CACHE}/cafe.tar.new
    systemd-run --unit=pulumi-nspawn-base-cafe sleep 600`);
  const { state } = await someone().create({ name: "db" });
  expect(await host.sh(`ls -A ${IMAGES}; ls -A ${CACHE} | grep -v '\\.lock$'`)).toBe(
    [".pulumi-cache", "db", "web", ".building-cafe", `${state.cacheKey}.built`, `${state.cacheKey}.json`]
      .concat(`${state.cacheKey}.tar`, "cafe.tar.new", "")
      .join("\n"),
  );
  await host.sh("systemctl stop pulumi-nspawn-base-cafe");
});

test("a disk that becomes full while a root is made is named, and nothing is left of the root", async () => {
  const setup = "head -c 9G /dev/zero >/fill";
  await expect(someone().create({ name: "full", setup })).rejects.toThrow(
    /could not make the root "full" on \S+: the file system \/var\/lib\/machines \(\/dev\/\S+, ext4\) is full: 0 MiB are free\./,
  );
  expect(await host.sh(`ls -A ${IMAGES} /var/lib/pulumi-nspawn/rootfs | grep full || :`)).toBe("");
});

test("inodes are missed before a root is made, and named if they go meanwhile", async () => {
  await host.sh(`
    mkdir ${IMAGES}/many; cd ${IMAGES}/many
    left=$(df --output=iavail . | tail -n 1)
    seq 1 $((left - 3000)) | xargs touch`);
  await expect(someone().create({ name: "full" })).rejects.toThrow(
    /there are not enough inodes in \/var\/lib\/machines: about \d+ are needed, one for each file, and \d+ are free in \/var\/lib\/machines \(\/dev\/\S+\)/,
  );
  // Built before the number was noted.
  await host.sh(`for noted in ${CACHE}/*.built; do : >"$noted"; done`);
  await expect(someone().create({ name: "full" })).rejects.toThrow(
    /the file system \/var\/lib\/machines \(\/dev\/\S+, ext4\) has no inodes left: \d+ of \d+ are free, although it has room for \d+ MiB/,
  );
  await host.sh(`rm -r ${IMAGES}/many`);
  expect(await host.sh(`ls -A ${IMAGES} | grep full || :`)).toBe("");
});
