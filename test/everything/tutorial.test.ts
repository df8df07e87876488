import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patientDebootstrap } from "../support/by-hand";
import { type TestHost, up } from "../support/hosts";
import { listenForDevices } from "../support/lan";
import { Project } from "../support/project";
import { type Block, blocksOf } from "../unit/docs/markdown";

const TUTORIAL = blocksOf("docs/tutorial.md").filter(({ language }) => language !== "text");
/** The lines that every program of the tutorial begins with. */
const [BEGINNING] = TUTORIAL.filter(({ language }) => language === "ts");

/**
 * A reader takes longer than a machine takes to boot. A machine that is stopped before its init handles signals is only
 * killed 90 seconds later.
 */
const BOOTED = `for machine in $(machinectl list --no-legend 2>/dev/null | cut -d ' ' -f 1); do
  until systemctl -M "$machine" is-system-running 2>/dev/null | grep -qE 'running|degraded'; do sleep 0.2; done
done`;

/**
 * Everything that the tutorial has the reader type, in order: commands on a fresh server, and programs with the real
 * CLI.
 */
describe("the tutorial", () => {
  let host: TestHost;
  let project: Project;

  beforeAll(async () => {
    host = await up({ name: "tutorial", suite: "trixie", bare: true });
    await listenForDevices(host);
    project = await Project.create([{ name: "server.example.com", host }]);
    await writeFile(join(project.directory, "package.json"), "{}\n");
  });

  afterAll(async () => {
    await host?.down();
    await project?.dispose();
  });

  /** Runs the lines that begin with `$`, and checks that they print what the page shows. */
  async function type(text: string): Promise<void> {
    for (const part of text.split(/^\$ /m).filter(Boolean)) {
      const [line = "", ...printed] = part.trimEnd().split("\n");
      const output = await project.shell(line);
      expect(output).not.toMatch(/error:|warning:/);
      for (const expected of printed) expect(output).toContain(expected);
    }
  }

  const follow: Readonly<Record<string, (block: Block) => Promise<unknown>>> = {
    yaml: ({ text }) => writeFile(join(project.directory, "Pulumi.yaml"), text),
    ts: (block) => {
      const program = block === BEGINNING ? block.text : `${BEGINNING?.text}\n${block.text}`;
      return writeFile(join(project.directory, "index.ts"), program);
    },
    console: ({ text }) => type(text),
    sh: ({ text }) => host.sh(`set -e\n${BOOTED}\n${patientDebootstrap}\n${text}`),
    ini: async ({ text }) => expect(await host.sh("cat /etc/systemd/nspawn/mydebian.nspawn")).toBe(text),
  };

  test.each(TUTORIAL.map((block) => [block.section, block.line, block] as const))(
    "%s, line %i",
    async (_, __, block) => {
      const way = follow[block.language];
      if (way === undefined) throw new Error(`a block of ${block.language} cannot be followed`);
      await way(block);
    },
  );

  test("leaves nothing of its machines behind", async () => {
    expect(await host.sh("machinectl list-images --no-legend; ls /etc/systemd/nspawn 2>/dev/null || :")).toBe("");
  });
});
