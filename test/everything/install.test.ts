import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { command } from "../../scripts/tools/command";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { pulumiEnvironment } from "../../scripts/tools/pulumi-environment";
import { everyCombination } from "../support/generations";
import { type TestHost, up } from "../support/hosts";
import { keyKeeper } from "../support/key-keeper";
import { root } from "../support/root";
import { type NodeLine, nodeDirectory } from "./support/node";

interface Manager {
  readonly name: string;
  /** The install command that is run in a project. */
  readonly install: readonly string[];
  readonly nodes: readonly NodeLine[];
}

const lines: readonly NodeLine[] = [20, 22, 24];
const managers: readonly Manager[] = [
  { name: "npm", install: ["npm", "install", "--no-audit", "--no-fund"], nodes: [20] },
  { name: "pnpm", install: ["npm", "exec", "--yes", "--package=pnpm@10.34.8", "--", "pnpm", "install"], nodes: [22] },
  { name: "yarn", install: ["npm", "exec", "--yes", "--package=yarn@1.22.22", "--", "yarn", "install"], nodes: [24] },
];

const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

const host = new nspawn.Host("server", { connection: new pulumi.Config().requireObject<nspawn.Connection>("host") });
const data = new nspawn.BindMount("data", { host, source: "/srv/machines/data", target: "/srv/data", create: {} });
export const answer = pulumi.interpolate\`systemd \${host.systemdVersion}, \${data.source}, Node \${process.versions.node}\`;
`;

/** Both kinds of TypeScript programs, with the files that Pulumi needs for them. */
const kinds = {
  commonjs: { "package.json": `{ "private": true }` },
  module: {
    "package.json": `{ "private": true, "type": "module" }`,
    "tsconfig.json": `{ "compilerOptions": { "target": "ES2022", "module": "nodenext", "strict": true, "skipLibCheck": true } }`,
  },
} as const;

describe("the tarball of the package", () => {
  let directory: string;
  let host: TestHost;
  let bin: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-package-"));
    await command("npm", ["pack", "--ignore-scripts", "--pack-destination", directory], { cwd: root });
    ({ bin } = await ensurePulumi(() => undefined));
    host = await up({ name: "package", suite: "trixie" });
  });

  afterAll(async () => {
    await host.down();
    await rm(directory, { recursive: true, force: true });
  });

  /** Makes a project with the package and the other dependencies of a TypeScript program, installed by the manager. */
  async function install({ name, install: [program = "", ...args] }: Manager): Promise<string> {
    const { version, devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const project = join(directory, name);
    const dependencies = {
      "@pulumi/pulumi": devDependencies["@pulumi/pulumi"],
      "@types/node": devDependencies["@types/node"],
      "pulumi-nspawn": `file:../pulumi-nspawn-${version}.tgz`,
      "ts-node": "10.9.2",
      typescript: devDependencies.typescript,
    };
    for (const [kind, files] of Object.entries(kinds)) {
      await mkdir(join(project, kind), { recursive: true });
      await writeFile(join(project, kind, "index.ts"), PROGRAM);
      await writeFile(join(project, kind, "Pulumi.yaml"), `name: ${kind}\nruntime: nodejs\n`);
      for (const [file, text] of Object.entries(files)) await writeFile(join(project, kind, file), text);
    }
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "try", private: true, dependencies }));
    // Separate stores, so that nothing is left behind.
    const env = {
      ...process.env,
      npm_config_store_dir: join(directory, "store"),
      YARN_CACHE_FOLDER: join(directory, "yarn"),
    };
    await command(program, args, { cwd: project, env });
    return project;
  }

  async function tryOut(project: string, kind: string, node: NodeLine): Promise<string> {
    const { address, hostKey, privateKeyPath } = host;
    const keeper = await keyKeeper();
    const env = {
      ...process.env,
      PATH: [await nodeDirectory(node), bin, process.env.PATH].join(delimiter),
      ...pulumiEnvironment(join(project, kind)),
      ...keeper.environment,
    };
    const pulumi = (...args: string[]) =>
      command("pulumi", [...args, "--non-interactive"], { cwd: join(project, kind), env });
    const connection = JSON.stringify({ host: address, user: "ops", hostKey, privateKeyPath });
    await pulumi("stack", "init", `node${node}`, "--secrets-provider", keeper.secretsProvider);
    await pulumi("up", "--yes", "--skip-preview", "--config", `host=${connection}`);
    const answer = (await pulumi("stack", "output", "answer")).trim();
    await pulumi("destroy", "--yes", "--skip-preview", "--remove");
    return answer;
  }

  describe.each(managers)("installed by $name", (manager) => {
    let project: string;

    beforeAll(async () => {
      project = await install(manager);
    });

    const nodes = everyCombination ? lines : manager.nodes;
    test.each(nodes.flatMap((node) => Object.keys(kinds).map((kind) => ({ node, kind }))))(
      "works in a program of type $kind on Node $node",
      async ({ node, kind }) => {
        expect(await tryOut(project, kind, node)).toMatch(
          new RegExp(`^systemd 257, /srv/machines/data, Node ${node}\\.`),
        );
      },
    );
  });
});
