import { dirname } from "node:path";
import { quote } from "shlex";
import { command } from "../../scripts/tools/command";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { pulumiEnvironment } from "../../scripts/tools/pulumi-environment";
import { upWithBase } from "../support/bases";
import type { TestHost } from "../support/hosts";
import { inside } from "../support/network";
import { root } from "../support/root";
import { walkThrough } from "../support/walk";

/** The user's directory, which a snapshot does not cover. */
const HOME = "/var/tmp/ops";

interface Example {
  readonly name: string;
  readonly project: string;
  readonly config: Readonly<Record<string, string>>;
  readonly use: (pulumi: (...args: string[]) => Promise<string>) => Promise<void>;
  /** Removes the user's data, which stays. */
  readonly tidy: string;
}

/** A server whose administrator works on the server itself, as a user with sudo rights. */
describe('programs whose host is "local"', () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await upWithBase({ name: "local", suite: "trixie", filesystem: "ext4" });
    // When runs are counted, the first `pulumi` on PATH is a script that calls the real one of this machine.
    const bin = process.env.MEASURE_PULUMI ?? (await ensurePulumi(() => undefined)).bin;
    const programs = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];
    await host.sh(`mkdir -p ${HOME}/bin ${HOME}/package`);
    await bring(`${HOME}/bin`, "--dereference", "-C", bin, ...programs, "-C", dirname(process.execPath), "node");
    const unused = ["@arethetypeswrong", "@biomejs", "@swc", "knip"].map((name) => `--exclude=node_modules/${name}`);
    const files = ["package.json", "Pulumi.yaml", "dist", "examples", "node_modules"];
    await bring(`${HOME}/package`, ...unused, "-C", root, ...files);
    await host.sh(`ssh-keygen -q -t ed25519 -N "" -f ${HOME}/key; chown -R ops: ${HOME}`);
  });

  afterAll(() => host.down());

  /** Packs files on this machine with tar, and unpacks them in a directory of the host. */
  function bring(to: string, ...packed: string[]): Promise<string> {
    const script = `ssh="ssh -F $1 $2" to=$3; shift 3; tar --create "$@" | $ssh tar --extract --directory "$to"`;
    return command("sh", ["-c", script, "sh", host.sshConfigFile, host.name, to, ...packed]);
  }

  const asUser = (...words: string[]) => host.sh(["runuser -u ops --", ...words.map((word) => quote(word))].join(" "));

  function pulumiIn(project: string) {
    const environment = {
      HOME,
      PATH: `${HOME}/bin:/usr/bin:/bin`,
      ...pulumiEnvironment(HOME),
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    };
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    return (...args: string[]) => asUser("env", "-C", project, ...variables, "pulumi", ...args, "--non-interactive");
  }

  const examples: readonly Example[] = [
    {
      name: "quickstart",
      project: `${HOME}/package`,
      config: {},
      use: async () => expect(await inside(host, "mydebian", "hostname")).toBe("mydebian"),
      tidy: ":",
    },
    {
      name: "devbox",
      project: `${HOME}/package/examples/devbox`,
      config: { publicKeyFile: `${HOME}/key.pub` },
      use: async (pulumi) => {
        const entry = await pulumi("stack", "output", "sshConfig");
        await host.exec(`cat >${HOME}/ssh_config`, { input: entry });
        const ssh = ["ssh", "-F", `${HOME}/ssh_config`, "-i", `${HOME}/key`, "-o", "BatchMode=yes", "mybox"];
        expect(await asUser(...ssh, "whoami; ls")).toBe("dev\nproject\n");
      },
      tidy: "rm -r /var/lib/devboxes/mybox /var/lib/pulumi-nspawn/sources; rmdir /var/lib/pulumi-nspawn",
    },
  ];

  test.each(examples)("the $name example is made on the server itself and removed without a trace", async (example) => {
    const before = await host.snapshot();
    const pulumi = pulumiIn(example.project);
    await pulumi("stack", "init", "dev");
    for (const [key, value] of Object.entries(example.config)) await pulumi("config", "set", key, value);
    await walkThrough(pulumi, () => example.use(pulumi));
    await host.sh(example.tidy);
    expect(await host.snapshot()).toEqual(before);
  });
});
