import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../index";
import { tryCommand } from "../../scripts/tools/command";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";

/** In each secret of the program, and nowhere else. */
const MARK = "zq7secret";
const ENGINE =
  /^\S+ \S+ +\d+ (?:(?:rpc|step_generator)\.go:\d+\] |eventsink\.go:\d+\] (?:eventSink::Debug|RegisterResource RPC finished))/;
/** Where the watcher of the host keeps what it looks for and what it has found. */
const WATCHER = "/run/watcher";

/** Looks at the command lines and the environments of all processes, again and again. */
const WATCH = `
my $own = readlink "/proc/self/ns/pid";
open my $file, "<", "${WATCHER}/marks"; chomp(my @marks = <$file>); close $file;
my $marks = join "|", map { quotemeta } @marks;
my %found;
while (1) {
  for my $process (grep { m{/\\d+$} } glob "/proc/*") {
    # The environment of a machine and of its processes is where \`environment\` belongs.
    my @places = (readlink("$process/ns/pid") // "") eq $own ? ("cmdline", "environ") : ("cmdline");
    for my $place (@places) {
      open my $file, "<", "$process/$place" or next;
      my $text = do { local $/; <$file> } // "";
      next unless $text =~ /$marks/;
      (my $shown = $text) =~ tr/\\0/ /;
      next if $found{$shown}++;
      open my $out, ">>", "${WATCHER}/found"; print $out "$place: $shown\\n"; close $out;
    }
  }
  select undef, undef, undef, 0.01;
}
`;

/**
 * Each input that is secret, with a mark of its own, through everything that a stack does. `settings` are not among them:
 * systemd shows their values, such as the arguments of an init, to whoever looks.
 */
describe("secrets that a program gives", () => {
  let host: TestHost;
  let stack: Stack;
  /** Where the CLI writes its logs (glog). */
  let logs: string;
  let privateKey: string;
  let marks: readonly string[];
  const shown: string[] = [];

  beforeAll(async () => {
    host = await upWithBase({ name: "secret-leaks", suite: "trixie" });
    logs = await mkdtemp(join(tmpdir(), "pulumi-nspawn-logs-"));
    stack = await Stack.create("dev", { TMPDIR: logs });
    privateKey = await readFile(host.privateKeyPath, "utf8");
    // The first lines of all such keys are alike.
    marks = [MARK, host.carefulPassword, ...privateKey.split("\n").slice(3, -2)];
    await host.sh(`mkdir -m 700 ${WATCHER}`);
    await send(`${WATCHER}/marks`, `${marks.join("\n")}\n`);
    await send(`${WATCHER}/watch`, WATCH);
    await host.sh(`systemd-run -q --unit=watcher perl ${WATCHER}/watch`);
  });

  afterAll(async () => {
    await stack?.dispose();
    await host?.down();
    if (logs !== undefined) await rm(logs, { recursive: true, force: true });
  });

  /** Not on a command line, where it would be found. */
  const send = (file: string, text: string) =>
    host.sh(`umask 077; base64 -d >${file} <<END\n${Buffer.from(text).toString("base64")}\nEND`);
  const secret = (what: string) => pulumi.secret(`${MARK}-${what}`);

  interface Changes {
    /** How the last step ends. */
    readonly status?: number;
    /** A root whose base has to be built. */
    readonly built?: boolean;
    readonly environment?: string;
  }

  const program =
    ({ status = 0, built = false, environment = "first" }: Changes = {}) =>
    async () => {
      const { privateKeyPath: _path, ...connection } = connectionTo(host, "careful");
      const server = new nspawn.Host("server", {
        connection,
        credentials: { privateKey, becomePassword: host.carefulPassword },
      });
      const rootfs = new nspawn.DebianRootfs("box", {
        host: server,
        rootPassword: secret("root-password"),
        files: [{ path: "/etc/of-root", content: secret("file-of-root"), mode: "0600" }],
        setup: pulumi.interpolate`: ${secret("setup")}`,
      });
      // Nothing has its base yet.
      if (built) new nspawn.DebianRootfs("built", { host: server, packages: ["hello"] });
      const machine = new nspawn.NspawnMachine("box", {
        rootfs,
        environment: { TOKEN: secret(`environment-${environment}`) },
        secrets: { token: secret("credential") },
      });
      new nspawn.Provision("box", {
        machine,
        users: [{ name: "alice" }],
        files: [{ path: "/etc/of-provision", content: secret("file-of-provision"), mode: "0600" }],
        secrets: { token: secret("token") },
        steps: [
          { name: "environment", run: "printenv TOKEN", environment: { TOKEN: secret("environment-of-step") } },
          {
            name: "say",
            run: pulumi.interpolate`cat "$CREDENTIALS_DIRECTORY/token"; : ${secret("step")}; exit ${status}`,
            secrets: ["token"],
          },
        ],
      });
    };

  /** Lines of a text that have a mark in them. */
  const marked = (text: string) => text.split("\n").filter((line) => marks.some((mark) => line.includes(mark)));

  /** Files on the host with a mark in them, and which users without rights can read. */
  async function filesOnHost(): Promise<{ readonly files: string[]; readonly open: string[] }> {
    const find = `find / -xdev \\( -path /proc -o -path /sys -o -path ${WATCHER} \\) -prune -o -type f -print0; find /run /tmp /var/lib/machines -xdev -path ${WATCHER} -prune -o -type f -print0`;
    const found = await host.sh(
      `{ ${find}; } | sort -zu | xargs -0 grep -lF -f ${WATCHER}/marks -- 2>/dev/null | sort -u || :`,
    );
    const files = found.trim().split("\n").filter(Boolean);
    const open: string[] = [];
    for (const file of files) {
      const { exitCode } = await host.exec(`runuser -u nosudo -- head -c 1 '${file}'`);
      if (exitCode === 0) open.push(file);
    }
    return { files, open };
  }

  /** All places where a secret of this stack could be, but files of the host. */
  async function elsewhere(): Promise<Record<string, string[]>> {
    const units = "systemctl show --all '*'; systemctl list-units --all --full --no-legend; systemctl list-jobs";
    const pattern = marks.flatMap((mark) => ["-e", mark]);
    const { stdout: state } = await tryCommand("grep", ["-rlF", ...pattern, stack.directory]);
    return {
      processes: marked(await host.sh(`cat ${WATCHER}/found 2>/dev/null || :`)),
      journal: marked(await host.sh("journalctl --no-pager -o export")),
      units: marked(await host.sh(units)),
      state: state.split("\n").filter((file) => file !== "" && !file.includes("/node_modules/")),
      output: marked(shown.join("\n")),
      logs: await logged(),
    };
  }

  const nowhere = { processes: [], journal: [], units: [], state: [], output: [], logs: [] };

  /**
   * Entries with a mark in the logs of the CLI. With `-v=9` the engine and the SDK write what it sends to any provider and
   * what it plans, secret or not.
   */
  async function logged(): Promise<string[]> {
    const names = (await readdir(logs)).filter((name) => /\.INFO\.\d/.test(name));
    const texts = await Promise.all(names.map((name) => readFile(join(logs, name), "utf8")));
    const entries = texts.flatMap((text) => text.split(/^(?=[IWEF]\d{4} )/m));
    const marked = entries.filter((entry) => marks.some((mark) => entry.includes(mark)));
    return marked.filter((entry) => !ENGINE.test(entry));
  }

  /** Where a secret belongs on the host: what systemd, the machine and its users have to read. */
  const BELONGS = [
    /^\/etc\/systemd\/nspawn\/box\.nspawn$/,
    // systemd loads them from there (LoadCredential=).
    /^\/etc\/systemd\/nspawn\/box\.credentials\/token$/,
    /^\/var\/lib\/machines\/box\/etc\/(of-root|of-provision)$/,
    // A step may print its secrets. What it printed is in the machine, for root, and redacted in what is shown.
    /^\/var\/lib\/machines\/box\/var\/lib\/pulumi-nspawn\/provision\/\w+\/steps\/\w+\/output$/,
  ];

  test("are nowhere but where they belong after an up, a refresh, and a failing up", async () => {
    const made = await stack.up(program(), { logVerbosity: 9 });
    shown.push(made.text);
    if (!made.ok) throw new Error(made.text);
    shown.push((await stack.refresh()).text);
    // A proxy that nobody answers at, so that what apt says of it is seen, too.
    await send("/etc/apt/apt.conf.d/99proxy", `Acquire::http::Proxy "http://user:${MARK}-proxy@127.0.0.1:9";\n`);
    const failed = await stack.up(program({ status: 7, built: true, environment: "second" }), {
      continueOnError: true,
    });
    shown.push(failed.text);
    expect(failed.text).toMatch(/"say" ended with exit status 7/);
    expect(failed.text).toMatch(/could not make the root "built".*a mirror does not answer/);
    await host.sh("rm /etc/apt/apt.conf.d/99proxy");
    expect(await elsewhere()).toEqual(nowhere);
    const { files, open } = await filesOnHost();
    expect(files.filter((file) => !BELONGS.some((place) => place.test(file)))).toEqual([]);
    expect(open).toEqual([]);
  });

  test("are gone after a destroy", async () => {
    shown.push(await stack.cli("destroy", "--yes", "--skip-preview", "-v=9"));
    expect(await elsewhere()).toEqual(nowhere);
    expect((await filesOnHost()).files).toEqual([]);
  });
});
