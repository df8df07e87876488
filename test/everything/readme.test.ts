import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../../scripts/tools/command";
import { up } from "../support/hosts";
import { Project } from "../support/project";
import { root } from "../support/root";
import { blocksOf } from "../unit/docs/markdown";

const blocks = blocksOf("README.md").filter(({ section }) => section === "Use it");
const text = (language: string) => blocks.find((block) => block.language === language)?.text ?? "";

/** What the README has a new user copy into an empty directory, with the package as it would be published. */
test("the README leads from an empty directory to a machine that answers", async () => {
  const host = await up({ name: "readme", suite: "trixie" });
  const project = await Project.create([{ name: "web1.example.com", host, user: "ops" }]);
  const directory = project.directory;
  try {
    await rm(join(directory, "node_modules"));
    await command("npm", ["pack", "--ignore-scripts", "--pack-destination", directory], { cwd: root });
    const install = text("sh").replace(" pulumi-nspawn ", " ./pulumi-nspawn-*.tgz ");
    await command("sh", ["-ec", install], { cwd: directory, env: { ...process.env, npm_config_audit: "false" } });
    await writeFile(join(directory, "Pulumi.yaml"), text("yaml"));
    await writeFile(join(directory, "index.ts"), text("ts"));
    for (const line of text("console").trim().split("\n")) {
      const typed = line.replace(/^\$ /, "").replace(/ up$/, " up --yes");
      expect(await project.shell(typed)).not.toMatch(/error:|warning:/);
    }
    expect(await project.pulumi("stack", "output", "address")).toMatch(/^10\.42\.1\.\d+\n$/);
    const page = await fetch(`http://${host.address}:8080/`);
    expect(await page.text()).toContain("nginx");
    await project.pulumi("destroy", "--yes", "--skip-preview");
  } finally {
    await project.dispose();
    await host.down();
  }
});
