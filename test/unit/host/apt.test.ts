import { sh } from "../../../provider/host/sh";
import { lines, prelude } from "../../../provider/remote";
import { ended } from "../support/processes";

const SECONDS = 20;

/** The messages of apt when others hold its locks, and what is reported of them. */
const HELD = {
  "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 51103 (perl)\nE: Unable to lock directory /var/lib/apt/lists/":
    "/var/lib/apt/lists/lock: It is held by process 51103 (perl)",
  "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 51189 (unattended-upgr)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?":
    "/var/lib/dpkg/lock-frontend: It is held by process 51189 (unattended-upgr)",
  "E: Could not get lock /var/cache/apt/archives/lock - open (11: Resource temporarily unavailable)":
    "/var/cache/apt/archives/lock: - open (11: Resource temporarily unavailable)",
};

/** Runs an apt-get that fails with this message the first times. */
function run(words: string, times: number): { status: number; tries: number; waits: string[]; held: string } {
  const text = lines([
    prelude,
    sh`
set -eu
sleep() { :; }
apt_waits() { answer waits "$1"; }
tries=0
apt-get() { tries=$((tries + 1)); [ "$tries" -gt ${times} ] || { echo ${words} >&2; return 100; }; }
status=0
apt_patiently ${SECONDS} apt-get -q update || status=$?
printf '%s\n' "status $status" "tries $tries" "held $apt_held"
`,
  ]);
  // Not every shell allows a hyphen in the name of a function.
  const { stdout } = ended(["bash", "-c", text.text]);
  const value = (key: string) => new RegExp(`^${key} (.*)$`, "m").exec(stdout)?.[1] ?? "";
  return {
    status: Number(value("status")),
    tries: Number(value("tries")),
    waits: [...stdout.matchAll(/^\["waits","(.*)"\]$/gm)].map(([, text = ""]) =>
      Buffer.from(text, "base64").toString(),
    ),
    held: value("held"),
  };
}

test.each(Object.entries(HELD).map(([words, told]) => [told, words] as const))(
  "apt is run again while another process holds %s",
  (told, words) => {
    expect(run(words, 2)).toEqual({ status: 0, tries: 3, waits: [told, told], held: "" });
  },
);

test("a lock that stays is a failure that names its holder", () => {
  const [[words, told] = ["", ""]] = Object.entries(HELD);
  expect(run(words, 1000)).toEqual({ status: 100, tries: 4, waits: [told, told, told], held: told });
});

test("any other failure is reported at once", () => {
  expect(run("E: Unable to locate package hello", 1000)).toEqual({ status: 100, tries: 1, waits: [], held: "" });
});

test("whom apt waits for is a line of output, or an answer, and then only answers are on stdout", () => {
  const shown = (answers: string) => {
    const call = sh`apt_answers=${answers}; apt_waits ${"/x\\c: it's a b"}; apt_patiently 1 echo done`;
    const { status, stdout, stderr } = ended(["sh"], lines([prelude, sh`set -eu`, call]).text);
    return [status, stdout, stderr];
  };
  expect(shown("")).toEqual([0, "pulumi-nspawn: waiting for another run of apt: /x\\c: it's a b\ndone\n", ""]);
  const text = Buffer.from("waiting for another run of apt: /x\\c: it's a b").toString("base64");
  expect(shown("yes")).toEqual([0, `["progress","${text}"]\n`, "done\n"]);
});
