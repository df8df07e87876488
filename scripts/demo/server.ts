import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { first, parseHost, run, Script, sh, type Target } from "../../provider/remote";

const SNAPSHOT = join(__dirname, "..", "..", "test", "hosts", "snapshot.sh");

/** The host of the demo, asked over the same SSH as the resources ask it. */
export class Server {
  private readonly target: Target;

  constructor(host: string, home: string) {
    this.target = { connection: { ...parseHost(host), sshConfigFile: join(home, ".ssh", "config") } };
  }

  /** Describes files, units, nftables rules and mounts, a line each. */
  async snapshot(): Promise<string[]> {
    const script = new Script(await readFile(SNAPSHOT, "utf8"));
    const answers = await this.ask(
      "take stock",
      sh`
demo_output=$(set +e
${script}
true)
answer snapshot "$demo_output"`,
    );
    return (first(answers, "snapshot") ?? "").split("\n");
  }

  /** Runs a command inside a machine and returns its output. */
  async inMachine(machine: string, command: readonly string[]): Promise<string> {
    const script = sh`
demo_output=$(systemd-run -q -M ${machine} --pipe --wait --collect --service-type=exec ${command})
answer output "$demo_output"`;
    return first(await this.ask(`run ${command.join(" ")} in ${machine}`, script), "output") ?? "";
  }

  private ask(attempt: string, script: Script) {
    return run(this.target, script, { attempt, timeoutSeconds: 60 });
  }
}
