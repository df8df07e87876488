import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { command } from "../../scripts/tools/command";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { type Block, blocksOf } from "../docs/markdown";
import { type TestHost, up } from "../hosts";
import { root } from "../root";
import { listenForDevices } from "./support/lan";

const TUTORIAL = blocksOf("docs/tutorial.md").filter(({ language }) => language !== "text");
/** The lines that each program of the tutorial begins with. */
const [BEGINNING] = TUTORIAL.filter(({ language }) => language === "ts");

/** Everything that the tutorial has one type, in its order: commands on a server as it comes, programs by the real CLI. */
describe("the tutorial", () => {
  let host: TestHost;
  let project: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    host = await up({ name: "tutorial", suite: "bookworm", bare: true });
    await listenForDevices(host);
    project = await mkdtemp(join(tmpdir(), "pulumi-nspawn-tutorial-"));
    const { bin } = await ensurePulumi(() => undefined);
    await symlink(join(root, "node_modules"), join(project, "node_modules"));
    await writeFile(join(project, "package.json"), "{}\n");
    await writeAlias();
    env = {
      ...process.env,
      PATH: [bin, process.env.PATH].join(delimiter),
      HOME: project,
      PULUMI_HOME: join(project, ".pulumi-home"),
      PULUMI_BACKEND_URL: `file://${project}`,
      PULUMI_CONFIG_PASSPHRASE: "e2e",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  });

  afterAll(async () => {
    await host?.down();
    if (project) await rm(project, { recursive: true, force: true });
  });

  /** The test host goes by the name that the tutorial's server has. */
  async function writeAlias(): Promise<void> {
    await mkdir(join(project, ".ssh"), { mode: 0o700 });
    const lines = [
      "Host server.example.com",
      `  HostName ${host.address}`,
      `  Port ${host.port}`,
      `  IdentityFile ${host.privateKeyPath}`,
      `  UserKnownHostsFile ${host.knownHostsFile}`,
    ];
    await writeFile(join(project, ".ssh", "config"), `${lines.join("\n")}\n`, { mode: 0o600 });
  }

  /** Runs the lines that begin with `$`, and looks for what the page says that they print. */
  async function type(text: string): Promise<void> {
    for (const part of text.split(/^\$ /m).filter(Boolean)) {
      const [line = "", ...printed] = part.trimEnd().split("\n");
      const output = await command("sh", ["-c", line], { cwd: project, env });
      expect(output).not.toMatch(/error:|warning:/);
      for (const expected of printed) expect(output).toContain(expected);
    }
  }

  const follow: Readonly<Record<string, (block: Block) => Promise<unknown>>> = {
    yaml: ({ text }) => writeFile(join(project, "Pulumi.yaml"), text),
    ts: (block) => {
      const program = block === BEGINNING ? block.text : `${BEGINNING?.text}\n${block.text}`;
      return writeFile(join(project, "index.ts"), program);
    },
    console: ({ text }) => type(text),
    sh: ({ text }) => host.sh(`set -e\n${text}`),
    ini: async ({ text }) => expect(await host.sh("cat /etc/systemd/nspawn/mydebian.nspawn")).toBe(text),
  };

  test.each(TUTORIAL.map((block) => [block.section, block.line, block] as const))(
    "%s, line %i",
    async (_, __, block) => {
      const way = follow[block.language];
      if (way === undefined) throw new Error(`nobody knows how to follow a block of ${block.language}`);
      await way(block);
    },
  );

  test("leaves nothing of its machines behind", async () => {
    expect(await host.sh("machinectl list-images --no-legend; ls /etc/systemd/nspawn 2>/dev/null || :")).toBe("");
  });
});
