import type { Context } from "../../provider/dynamic";
import { forgetInventory } from "../../provider/host/inventory";
import { bindMountHandler } from "../../provider/resources/bind-mount/bind-mount-handler";
import type { BindMountInputs, BindMountOutputs } from "../../provider/resources/bind-mount/bind-mount-inputs";
import { targetOf } from "../../provider/resources/on-host";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";

type State = BindMountInputs & BindMountOutputs;

/** The lifecycle of BindMounts on one host, called as the adapter calls it. */
describe("the sources of mounts on a host", () => {
  let host: TestHost;
  const warnings: string[] = [];

  beforeAll(async () => {
    host = await up({ name: "sources", suite: "trixie" });
  });

  afterAll(async () => {
    await host.down();
  });

  beforeEach(() => {
    warnings.length = 0;
  });

  const context = (urn: string): Context => ({
    urn,
    secretInputs: [],
    progress: () => undefined,
    note: () => undefined,
    warn: (text) => warnings.push(text),
  });

  function inputsOf(more: object): BindMountInputs {
    return bindMountHandler.inputs.parse({ host: { connection: connectionTo(host, "ops") }, target: "/t", ...more });
  }

  async function create(more: object, urn = "urn:one"): Promise<State> {
    const inputs = inputsOf(more);
    const { outputs } = await bindMountHandler.create(inputs, context(urn));
    return { ...inputs, ...outputs };
  }

  async function update(state: State, more: object): Promise<State> {
    const inputs = inputsOf({ source: state.source, ...more });
    return { ...inputs, ...(await bindMountHandler.update("id", state, inputs, context("urn:one"))) };
  }

  async function drift(state: State): Promise<unknown> {
    // A test changes the host behind the lifecycle's back: no operation announced the change.
    forgetInventory(targetOf(state));
    const found = await bindMountHandler.read("id", state, context("urn:one"));
    return found === "gone" ? found : found.drift;
  }

  const remove = (state: State) => bindMountHandler.delete("id", state, context("urn:one"));
  const stat = async (path: string) => (await host.sh(`stat -c '%F %u:%g %a' ${path} 2>/dev/null || echo gone`)).trim();
  /** How many sources have an owner: what a deleted one left has none. */
  const markers = async () =>
    (await host.sh(`grep -L '"kept":"yes"' /var/lib/pulumi-nspawn/sources/*.json 2>/dev/null | wc -l`)).trim();

  test("a directory is made with its owner and mode below root-only directories, and removed with them", async () => {
    const state = await create({
      source: "/srv/a b/homes/it's",
      create: { owner: 1000, group: "games", mode: "2750" },
    });
    expect(await stat(`"/srv/a b/homes/it's"`)).toBe("directory 1000:60 2750");
    expect(await stat(`"/srv/a b"`)).toBe("directory 0:0 700");
    expect(await drift(state)).toEqual({});
    await remove(state);
    expect(await stat(`"/srv/a b"`)).toBe("gone");
    expect(await stat("/srv")).toBe("directory 0:0 755");
    expect(await markers()).toBe("0");
    await remove(state);
    expect(warnings).toEqual([]);
  });

  test.each(["first", "second"])(
    "directories above two sources are removed with the last one, if the %s is removed first",
    async (earlier) => {
      const one = await create({ source: "/srv/above/them/one", create: {} }, "urn:one");
      const two = await create({ source: "/srv/above/other/two", create: {} }, "urn:two");
      await remove(earlier === "first" ? one : two);
      expect(await stat("/srv/above")).toBe("directory 0:0 700");
      await remove(earlier === "first" ? two : one);
      expect(await stat("/srv/above")).toBe("gone");
      expect(await markers()).toBe("0");
    },
  );

  test("outside changes are drift that an update repairs", async () => {
    const state = await create({ source: "/srv/drift", create: { mode: "0755" } });
    await host.sh("chown 7:8 /srv/drift; chmod 6770 /srv/drift");
    expect(await drift(state)).toEqual({
      owner: expect.stringContaining("(7)"),
      group: expect.stringContaining("(8)"),
      mode: "it is 6770",
    });
    await update(state, { create: { mode: "0755" } });
    expect(await stat("/srv/drift")).toBe("directory 0:0 755");
    expect(warnings).toEqual([]);
    await host.sh("rmdir /srv/drift");
    expect(await drift(state)).toEqual({ source: "it is missing" });
    await update(state, { create: { mode: "0755" } });
    expect(await stat("/srv/drift")).toBe("directory 0:0 755");
    expect(warnings).toEqual([
      expect.stringMatching(/\/srv\/drift was missing and has been recreated.*until they restart/),
    ]);
    await host.sh("rmdir /srv/drift; ln -s /etc /srv/drift");
    expect(await drift(state)).toEqual({ source: "it is a symbolic link" });
    await expect(update(state, { create: {} })).rejects.toThrow(/behind a symbolic link: \/srv\/drift points to \/etc/);
    await remove(state);
    expect(await stat("/srv/drift")).toBe("symbolic link 0:0 777");
    expect(warnings).toContainEqual(expect.stringMatching(/\/srv\/drift stays on/));
    await host.sh("rm /srv/drift");
  });

  test("data is never removed unless requested", async () => {
    const state = await create({ source: "/srv/data", create: {} });
    await host.sh("mkdir /srv/data/deep; echo kept >/srv/data/deep/file");
    await remove(state);
    expect(await host.sh("cat /srv/data/deep/file")).toBe("kept\n");
    expect(warnings).toEqual([expect.stringMatching(/\/srv\/data stays on ops@.*set `removeData: true` in `create`/)]);
    await expect(create({ source: "/srv/data", create: {} }, "urn:two")).rejects.toThrow(
      /could not make the source "\/srv\/data" on .*there is a directory \/srv\/data already that pulumi-nspawn did not make.*`adopt: true`/,
    );
    const adopted = await create({ source: "/srv/data", adopt: true, create: { owner: 1000, removeData: true } });
    expect(await stat("/srv/data")).toBe("directory 1000:0 755");
    await host.sh("mkdir /srv/data/mounted && mount -t tmpfs tmpfs /srv/data/mounted");
    await expect(remove(adopted)).rejects.toThrow(
      /file systems are mounted below \/srv\/data.*Unmount them first:\s+\/srv\/data\/mounted/s,
    );
    await host.sh("umount /srv/data/mounted");
    await remove(adopted);
    expect(await stat("/srv/data")).toBe("gone");
  });

  test("an adopted directory stays, even if it is empty", async () => {
    await host.sh("mkdir /srv/before");
    const state = await create({ source: "/srv/before", adopt: true, create: {} });
    await remove(state);
    expect(await stat("/srv/before")).toBe("directory 0:0 755");
    expect(warnings).toEqual([expect.stringMatching(/\/srv\/before stays/)]);
    await host.sh("rmdir /srv/before");
  });

  test("another resource's directory is refused, and work on the resource's own is resumed", async () => {
    const first = await create({ source: "/srv/mine", create: {} }, "urn:one");
    await expect(create({ source: "/srv/mine", create: {} }, "urn:two")).rejects.toThrow(
      /\/srv\/mine was created by urn:one.*aliases.*leave out `create` to use it/,
    );
    const used = await create({ source: "/srv/mine" }, "urn:two");
    const again = await create({ source: "/srv/mine", create: {} }, "urn:one");
    await remove(first);
    expect(await drift(again)).toEqual({});
    await remove(again);
    expect(await stat("/srv/mine")).toBe("gone");
    expect(await drift(used)).toEqual({ source: "it is missing" });
    await remove(used);
    expect(await markers()).toBe("0");
  });

  test("a source that is only used is inspected, and not changed", async () => {
    await host.sh("mkdir -p /srv/used && echo x >/srv/used/file && chown 5:6 /srv/used");
    const state = await create({ source: "/srv/used/file" });
    expect(await drift(state)).toEqual({});
    const made = await create({ source: "/srv/used" });
    const taken = await update(made, { adopt: true, create: { owner: 5, group: 6 } });
    expect(await markers()).toBe("2");
    const released = await update(taken, {});
    expect(await markers()).toBe("2");
    await remove(released);
    await remove(state);
    expect(await stat("/srv/used")).toBe("directory 5:6 755");
    expect(await markers()).toBe("0");
    await host.sh("rm -r /srv/used");
  });

  test("a source whose marker is gone is gone", async () => {
    const state = await create({ source: "/srv" });
    await host.sh("rm -r /var/lib/pulumi-nspawn");
    expect(await drift(state)).toBe("gone");
    await remove(state);
  });

  test.each([
    [
      { source: "/srv/nothing/here" },
      /could not mount the source "\/srv\/nothing\/here".*is not there: there is no \/srv\/nothing\. .*`create/,
    ],
    [
      { source: "/srv/link/file" },
      /is behind a symbolic link, \/srv\/link, and others than root can change \/srv\/link.*write "\/srv\/real\/file"/,
    ],
    [
      { source: "/srv/secret", readOnly: true },
      /\/srv\/secret, which leads to \/etc\/shadow, is not a regular file that everybody/,
    ],
    [{ source: "/srv/secret" }, /the source \/srv\/secret leads to \/etc\/shadow, which gives control of the host/],
    [
      { source: "/etc/systemd", readOnly: true },
      /\/etc\/systemd is not a regular file that everybody on the host may read/,
    ],
    [{ source: "/srv/link/new", create: {} }, /could not make the source .*is behind a symbolic link/],
    [{ source: "/srv/real/file", create: {} }, /\/srv\/real\/file is not a directory/],
    [{ source: "/srv/new", create: { owner: "nobody-here" } }, /the host has no user "nobody-here".*Write the number/],
    [{ source: "/srv/new", create: { group: "nobody-here" } }, /the host has no group "nobody-here"/],
  ])("%j is refused before anything is made", async (more, message) => {
    await host.sh(
      "mkdir -p /srv/real; touch /srv/real/file; ln -sfn real /srv/link; chown -h 1000 /srv/link; ln -sfn /etc/shadow /srv/secret",
    );
    await expect(create(more)).rejects.toThrow(message);
    expect(await stat("/srv/new")).toBe("gone");
    expect(await stat("/srv/real/new")).toBe("gone");
    expect(await markers()).toBe("0");
    await host.sh("rm -r /srv/real /srv/link /srv/secret");
  });

  test("a link that root alone can change is followed, and a change of where it leads is drift", async () => {
    await host.sh("mkdir -p /srv/real /srv/other; ln -sfn real /srv/link");
    const state = await create({ source: "/srv/link" });
    expect(state).toMatchObject({ leadsTo: "/srv/real" });
    expect(await drift(state)).toEqual({});
    await host.sh("ln -sfn other /srv/link");
    expect(await drift(state)).toEqual({ source: "/srv/link leads to /srv/other" });
    expect(await update(state, {})).toMatchObject({ leadsTo: "/srv/other" });
    await remove(state);
    await host.sh("rm -r /srv/real /srv/other /srv/link");
  });
});
