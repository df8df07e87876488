import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../scripts/tools/command";
import { type Suite, type TestHost, up } from "../support/hosts";
import { BuiltBases } from "../support/hosts/built-bases";
import { Project } from "../support/project";

interface Person {
  readonly name: string;
  readonly host: TestHost;
}

const UP = ["up", "--yes", "--skip-preview", "--continue-on-error"];

describe("the team example: a box for each person on four hosts, one of which is off", () => {
  const people: Person[] = [];
  let project: Project;

  beforeAll(async () => {
    const suites: Record<string, Suite> = { alice: "trixie", bob: "bookworm", carol: "forky", dave: "trixie" };
    for (const [name, suite] of Object.entries(suites)) {
      people.push({ name, host: await up({ name: `team-${name}`, suite, filesystem: "btrfs" }) });
    }
    const hosts = people.map(({ host }) => host);
    const key = (await command("ssh-keygen", ["-y", "-f", hosts.map((host) => host.privateKeyPath)[0] ?? ""])).trim();
    project = await Project.ofExample("team", hosts, {
      servers: JSON.stringify(
        Object.fromEntries(hosts.map(({ name }) => [name, { host: name, dial: { retries: 1, timeoutSeconds: 5 } }])),
      ),
      people: JSON.stringify(
        Object.fromEntries(people.map(({ name, host }) => [name, { server: host.name, authorizedKeys: [key] }])),
      ),
    });
  });

  afterAll(async () => {
    await project?.dispose();
    for (const { host } of people) await host.down();
  });

  const hostOf = (name: string): TestHost => {
    const found = people.find((person) => person.name === name);
    if (found === undefined) throw new Error(`there is no person called ${name}`);
    return found.host;
  };

  /** What the owner of a box sees over ssh, with the entry from the output. */
  const visit = ({ name, host }: Person) =>
    command("ssh", [
      ...["-F", project.sshConfigFile, "-i", host.privateKeyPath, "-o", "BatchMode=yes", name],
      "whoami; hostname; cat /proc/sys/kernel/random/boot_id",
    ]);

  /** Adds the people's ssh_config entries. */
  async function handOut(to: readonly Person[]): Promise<void> {
    const entries = JSON.parse(await project.pulumi("stack", "output", "sshConfig", "--json"));
    for (const { name } of to) await appendFile(project.sshConfigFile, entries[name]);
  }

  test("other boxes are made, the end of the run names the missing one, and the next run makes only that", async () => {
    const [off, others] = [people.filter(({ name }) => name === "dave"), people.filter(({ name }) => name !== "dave")];
    await hostOf("dave").powerOff();
    const first = await project.tryPulumi(...UP);
    expect(first.exitCode).not.toBe(0);
    const end = first.stdout.slice(first.stdout.indexOf("Diagnostics:"));
    expect(end).toMatch(/Host \(team-dave\):\s+error: could not prepare the host on ops@\S+: there is no route to it/);
    expect(end).toMatch(/dave *: "# not known, because a part of the box failed\. Run `pulumi up` again\./);
    expect(end).toContain("+ 26 created");
    expect(end.match(/error:/g)).toHaveLength(2);

    await handOut(others);
    const before = await Promise.all(others.map(visit));
    expect(before).toEqual(others.map(({ name }) => expect.stringMatching(`^${name}\n${name}\n`)));

    await hostOf("dave").powerOn();
    await bringBase();
    const second = await project.pulumi(...UP);
    expect(second).toMatch(/\+ 7 created\s+26 unchanged/);
    await handOut(off);
    expect(await Promise.all(off.map(visit))).toEqual([expect.stringMatching("^dave\ndave\n")]);
    expect(await Promise.all(others.map(visit))).toEqual(before);

    expect(await project.pulumi(...UP, "--expect-no-changes")).toMatch(/33 unchanged/);
  });

  /** A base that one host of a generation built need not be built on the other. */
  async function bringBase(): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-team-"));
    const bases = new BuiltBases(directory);
    await bases.take(hostOf("alice"));
    await bases.bring(hostOf("dave"));
    await rm(directory, { recursive: true });
  }
});
