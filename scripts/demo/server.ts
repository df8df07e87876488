import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { facts, factsOf, preflightProblems } from "../../provider/host/facts";
import { first, parseHost, run, Script, sh, type Target } from "../../provider/remote";

const SNAPSHOT = join(__dirname, "..", "..", "test", "support", "hosts", "snapshot.sh");

/** The demo's host, reached over the same SSH as the resources use. */
export class Server {
  private readonly target: Target;

  constructor(
    private readonly host: string,
    /** For a host that the user's own ssh_config does not know. */
    sshConfigFile?: string,
  ) {
    this.target = { connection: { ...parseHost(host), sshConfigFile } };
  }

  /** What a `Host` with `install: true` will change, one sentence each. */
  async preflightProblems(): Promise<string[]> {
    return preflightProblems(factsOf(await this.ask("look at the host", facts))).map(({ what }) => what);
  }

  /**
   * Describes files, units, nftables rules and mounts, one per line; `live` leaves out what a busy server changes
   * itself.
   */
  async snapshot(live: boolean): Promise<string[]> {
    const script = new Script(await readFile(SNAPSHOT, "utf8"));
    const answers = await this.ask(
      "take stock",
      sh`
demo_output=$(set +e
LIVE=${live ? "yes" : ""}
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

  /** What a user types to get a shell in a machine. */
  async commandToEnter(machine: string): Promise<string> {
    const shell = `machinectl shell ${machine}`;
    const throughSudo = first(await this.ask("look who one is", sh`answer sudo "\${SUDO_USER-}"`), "sudo") !== "";
    const command = throughSudo ? `sudo ${shell}` : shell;
    return this.target.connection.host === "local" ? command : `ssh -t ${this.host} ${command}`;
  }

  private ask(attempt: string, script: Script) {
    return run(this.target, script, { attempt, timeoutSeconds: 120 });
  }
}
