import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";

const TOKEN = "sesame-in-the-environment";
const SETTING = "sesame-in-a-setting";
const PRINTED = "sesame-that-a-step-prints";

describe("what is made of a secret input", () => {
  let host: TestHost;
  let stack: Stack;

  const program = (run: string, secret: boolean) => async () => {
    const mark = (value: string): pulumi.Input<string> => (secret ? pulumi.secret(value) : value);
    const rootfs = new nspawn.DebianRootfs("box", { host: connectionTo(host) });
    const machine = new nspawn.NspawnMachine("box", {
      rootfs,
      environment: { TOKEN: mark(TOKEN) },
      settings: { Exec: { Parameters: [mark(SETTING)] } },
    });
    new nspawn.Provision("inside", { machine, steps: [{ name: "say", run: mark(run) }] });
  };

  /** All that a run shows and keeps. */
  const kept = async (text: string) => `${text}\n${await stack.export()}`;

  beforeAll(async () => {
    host = await upWithBase({ name: "secret-marks", suite: "trixie" });
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  test("is secret in state and in the output of each run, also after a refresh", async () => {
    const made = await stack.up(program(`echo ${PRINTED}`, true));
    if (!made.ok) throw new Error(made.text);
    expect(await kept(made.text)).not.toContain("sesame");
    await host.sh("sed -i -e s/sesame/sesame-changed/ /etc/systemd/nspawn/box.nspawn");
    const seen = await stack.refresh();
    if (!seen.ok) throw new Error(seen.text);
    expect(await kept(seen.text)).not.toContain("sesame");
    const preview = await stack.preview(program(`echo ${PRINTED}`, true));
    expect(preview.text).toContain("repair: /etc/systemd/nspawn/box.nspawn");
    const whole = await stack.preview(program(`echo ${PRINTED}`, true), { diff: true });
    expect(preview.text + whole.text).not.toContain("sesame");
  });

  test("is not in the error of a step that fails, but in its results", async () => {
    const failed = await stack.up(program(`echo ${PRINTED} | rev | rev; false`, true));
    expect(failed.ok).toBe(false);
    expect(failed.text).toContain('the step "say" ended with exit status 1');
    expect(await kept(failed.text)).not.toContain("sesame");
    expect(await stack.cli("stack", "export", "--show-secrets")).toContain(PRINTED);
  });

  test("is in clear where no input is secret, and becomes secret when one is", async () => {
    const open = await stack.up(program(`echo ${PRINTED}`, false));
    if (!open.ok) throw new Error(open.text);
    expect(await stack.export()).toContain(PRINTED);
    const closed = await stack.up(program(`echo ${PRINTED}`, true));
    if (!closed.ok) throw new Error(closed.text);
    expect(await stack.export()).not.toContain("sesame");
  });
});
