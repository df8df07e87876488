import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

/** The files next to the programs say which accounts there are, and which groups a user is in: the primary one first. */
const getent = `
scratch=\${0%/bin/getent}
line=$(grep "^$2:" "$scratch/$1") || exit 2
printf '%s\\n' "$line" | sed "s|HOME|$scratch/home|"
`;
const id = `
groups=$(cat "\${0%/bin/id}/groups")
case "$1 $2 $3" in
  "-Gn -- alice") echo "$groups" ;;
  "-gn -- alice") echo "\${groups%% *}" ;;
  "-u -- alice" | "-u alice ") cat "\${0%/bin/id}/uid" ;;
  "-g -- alice") echo 50 ;;
  *) exit 1 ;;
esac
`;
/** A program that fails as often as a file says, with the status that is in it too. */
const failing = `
file=$0.fails
[ -e "$file" ] || exit 0
read -r times status <"$file"
if [ "$times" -gt 1 ]; then echo "$((times - 1)) $status" >"$file"; else rm -f -- "$file"; fi
echo "$times to go" >&2
exit "$status"
`;
const programs = {
  ...{ getent, id, runuser: 'shift 3; exec "$@"', chown: "", sleep: "", loginctl: "echo out; echo err >&2; exit 1" },
  ...{ groupadd: failing, useradd: failing, usermod: failing, userdel: `echo out; ${failing}`, groupdel: failing },
};

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost(programs, ["/etc/skel", "/usr/lib/apt", "/etc/locale.conf", "/etc/default/locale"]);
  host.write("passwd", "alice:x:1000:50:A:HOME/alice:/bin/sh\n");
  host.write("group", "staff:x:50:\nadm:x:4:\n");
  host.write("groups", "staff sudo adm adm\n");
  host.write("uid", `${statSync(host.directory).uid}\n`);
  mkdirSync(host.at("provision"));
});
afterEach(() => host.remove());

const inGuest = (script: Script) => lines([sh`provision_dir=${host.at("provision")}`, script]);
const ended = (script: Script) => host.ended(inGuest(script));
const run = (script: Script) => host.run(inGuest(script));
const text = (path: string) => readFileSync(host.at(path), "utf8");
const made = () => (existsSync(host.at("provision/made")) ? text("provision/made") : "");
const fails = (program: string, times: number, status: number) =>
  host.write(`bin/${program}.fails`, `${times} ${status}\n`);
const modeOf = (path: string) => statSync(host.at(path)).mode & 0o7777;

/** What changed accounts. */
const changes = () => host.calls().filter((call) => /^(?:group|user)(?:add|mod|del) /.test(call));

describe("provision_accounts", () => {
  const accounts = sh`if provision_accounts useradd ${"a b"} -x; then echo done; else echo "failed $?"; fi`;
  const waiting = "pulumi-nspawn: waiting for another change to the accounts: useradd\n";

  test("runs a command with its arguments", () => {
    expect(ended(accounts).stdout).toBe("done\n");
    expect(host.calls()).toEqual(["useradd a b -x"]);
  });

  test.each([1, 10])("runs it again where it ends with %s, as with locked files, and says so", (status) => {
    fails("useradd", 2, status);
    expect(ended(accounts).stdout).toBe(`${waiting}${waiting}done\n`);
    expect(host.calls()).toEqual(["useradd a b -x", "sleep 1", "useradd a b -x", "sleep 1", "useradd a b -x"]);
  });

  test.each([2, 9, 11, 127])("returns any other failure at once, such as %s", (status) => {
    fails("useradd", 1, status);
    expect(ended(accounts).stdout).toBe(`failed ${status}\n`);
    expect(host.calls()).toEqual(["useradd a b -x"]);
  });

  test("returns what it ended with when the minute is over", () => {
    fails("useradd", 10, 10);
    host.write("now", "1000\n");
    const clock = sh`clock_read() { read -r clock_seconds <${host.at("now")}; }; sleep() { echo $((clock_seconds + 30)) >${host.at("now")}; }`;
    expect(ended(lines([clock, accounts])).stdout).toBe(`${waiting}${waiting}failed 10\n`);
  });
});

describe("provision_group", () => {
  const group = (name: string, gid = "") => run(sh`provision_group ${name} ${gid}`);

  test("leaves a group that is there as it is", () => {
    expect(group("staff", "51")).toEqual([]);
    expect([changes(), made()]).toEqual([[], ""]);
  });

  test("makes one that is missing, with a number of its own choice or a given one, and notes that", () => {
    group("dev");
    group("ops", "0");
    expect(changes()).toEqual(["groupadd -- dev", "groupadd -g 0 -- ops"]);
    expect(made()).toBe("group dev\ngroup ops\n");
  });

  test("refuses where it cannot be made", () => {
    fails("groupadd", 1, 4);
    expect(group("dev")).toEqual(refused("group-failed", "dev"));
    expect(made()).toBe("");
  });

  test("waits for another change to the accounts", () => {
    fails("groupadd", 1, 10);
    expect(group("dev")).toEqual([]);
    expect(made()).toBe("group dev\n");
  });
});

describe("provision_account", () => {
  test("is a user's number, group, home and shell", () => {
    host.write("passwd", "malice:x:1:1::/:/bin/no\nalice:x:1000:50:A, B:/home/a b:/bin/sh\n");
    expect(ended(sh`provision_account alice`).stdout).toBe("1000:staff:/home/a b:/bin/sh");
  });
});

describe("provision_user", () => {
  interface User {
    readonly name?: string;
    readonly uid?: string;
    readonly group?: string;
    readonly home?: string;
    readonly shell?: string;
  }
  const user = ({ name = "alice", uid = "", group = "staff", home, shell = "/bin/sh" }: User) =>
    run(sh`provision_user ${[name, uid, group, home ?? host.at("home/alice"), shell, "It's A"]}`);

  test.each([{}, { uid: "1000" }])("leaves a user as it shall be alone: %j", (wanted) => {
    expect(user(wanted)).toEqual([]);
    expect([changes(), made()]).toEqual([[], ""]);
  });

  test.each([
    [{ uid: "1001" }, "-u 1001 -g staff -d HOME -s /bin/sh"],
    [{ group: "adm" }, "-g adm -d HOME -s /bin/sh"],
    [{ home: "/srv/a" }, "-g staff -d /srv/a -s /bin/sh"],
    [{ uid: "1000", shell: "/bin/bash" }, "-u 1000 -g staff -d HOME -s /bin/bash"],
  ])("puts one right that is there, and does not take it for its own: %j", (wanted, how) => {
    expect(user(wanted)).toEqual([]);
    expect(changes()).toEqual([`usermod ${how.replace("HOME", host.at("home/alice"))} -- alice`]);
    expect(made()).toBe("");
  });

  test("makes one that is missing, without a home, and notes that", () => {
    user({ name: "bob", home: "/home/bob" });
    user({ name: "eve", uid: "0", home: "/home/eve", group: "adm" });
    expect(changes()).toEqual([
      "useradd -g staff -M -d /home/bob -s /bin/sh -c It's A -- bob",
      "useradd -u 0 -g adm -M -d /home/eve -s /bin/sh -c It's A -- eve",
    ]);
    expect(made()).toBe("user bob\nuser eve\n");
  });

  test("gives each text to the program as it is", () => {
    host.write("bin/useradd", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
    chmodSync(host.at("bin/useradd"), 0o755);
    expect(ended(sh`provision_user bob "" ${["g", "/a b", "/bin/sh", "5% \\n *"]}`).stdout).toBe(
      "pulumi-nspawn: user bob\n<-g><g><-M><-d></a b><-s></bin/sh><-c><5% \\n *><--><bob>",
    );
  });

  test("refuses a shell that is not there or is no program", () => {
    host.write("shell", "");
    for (const shell of ["/nowhere/sh", host.at("shell")]) {
      expect(user({ shell })).toEqual(refused("no-shell", "alice", shell));
    }
    expect(changes()).toEqual([]);
  });

  test("refuses where it cannot be made or changed", () => {
    fails("useradd", 1, 4);
    expect(user({ name: "bob" })).toEqual(refused("user-failed", "bob"));
    fails("usermod", 1, 8);
    expect(user({ group: "adm" })).toEqual(refused("user-failed", "alice"));
    expect(made()).toBe("");
  });
});

describe("provision_home", () => {
  const home = (path = "home/alice") => run(sh`provision_home alice ${host.at(path)}`);
  const own = () => `${statSync(host.directory).uid}:50`;
  const chowns = () => host.calls().filter((call) => call.startsWith("chown") && !call.includes(" 0:0 "));
  const skeleton = () => {
    host.write("etc/skel/.profile", "hello\n", 0o640);
    host.write("etc/skel/a b/c", "");
  };

  test("makes a home that is missing, with the usual files in it", () => {
    skeleton();
    expect(home("home/-a b's")).toEqual([]);
    expect([modeOf("home"), modeOf("home/-a b's"), modeOf("home/-a b's/.profile")]).toEqual([0o755, 0o755, 0o640]);
    expect([text("home/-a b's/.profile"), existsSync(host.at("home/-a b's/a b/c"))]).toEqual(["hello\n", true]);
    expect(chowns()).toEqual([`chown -- ${own()} ./-a b's`, `chown -hR -- ${own()} .`]);
  });

  test("fills an empty one that is the user's, such as a new mount, and leaves its permissions", () => {
    skeleton();
    mkdirSync(host.at("home/alice"), { recursive: true });
    chmodSync(host.at("home/alice"), 0o700);
    home();
    expect([text("home/alice/.profile"), modeOf("home/alice")]).toEqual(["hello\n", 0o700]);
    expect(chowns()).toEqual([`chown -hR -- ${own()} .`]);
  });

  test("leaves one alone that has something in it, be it hidden", () => {
    skeleton();
    host.write("home/alice/.hidden", "");
    home();
    expect([readdirSync(host.at("home/alice")), chowns()]).toEqual([[".hidden"], []]);
  });

  test("leaves an empty one alone that is somebody else's", () => {
    skeleton();
    mkdirSync(host.at("home/alice"), { recursive: true });
    host.write("uid", "4711\n");
    home();
    expect([readdirSync(host.at("home/alice")), chowns()]).toEqual([[], []]);
  });

  test("makes an empty one where there are no usual files", () => {
    home();
    expect([readdirSync(host.at("home/alice")), chowns()]).toEqual([[], [`chown -- ${own()} ./alice`]]);
  });

  test("refuses to make one behind a link", () => {
    mkdirSync(host.at("elsewhere"));
    symlinkSync(host.at("elsewhere"), host.at("link"));
    expect(home("link/alice")).toEqual(refused("symlink", host.at("link"), host.at("elsewhere")));
    expect(readdirSync(host.at("elsewhere"))).toEqual([]);
  });

  test("ends the script where it cannot be made", () => {
    host.write("home/alice", "a file");
    expect(ended(sh`provision_home alice ${host.at("home/alice")}; echo "never here"`)).toMatchObject({
      status: 1,
      stdout: "",
    });
  });
});

describe("provision_groups_of", () => {
  const groups = (all: string) => {
    host.write("groups", `${all}\n`);
    return ended(sh`provision_groups_of alice`);
  };

  test("are all but the primary one, sorted, each once with a blank behind it", () => {
    expect(groups("staff sudo adm adm staff-x").stdout).toBe("adm staff-x sudo ");
  });

  test("are none where there is only the primary one", () => {
    expect(groups("staff")).toMatchObject({ status: 0, stdout: "" });
  });
});

describe("provision_groups", () => {
  const groups = (wanted: string) => run(sh`provision_groups alice ${wanted}`);

  test("leaves those alone that are as they shall be", () => {
    expect(groups("adm sudo ")).toEqual([]);
    expect(changes()).toEqual([]);
  });

  test("makes groups that are missing, and then the user one of all", () => {
    groups("adm dev ops ");
    expect(changes()).toEqual(["groupadd -r -- dev", "groupadd -r -- ops", "usermod -G adm,dev,ops -- alice"]);
  });

  test("takes the user out of all where none is wanted", () => {
    host.write("bin/usermod", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
    chmodSync(host.at("bin/usermod"), 0o755);
    expect(ended(sh`provision_groups alice ""`).stdout).toBe("<-G><><--><alice>");
  });

  test("refuses a group that cannot be made, and a user that cannot be changed", () => {
    fails("groupadd", 1, 4);
    expect(groups("dev ops ")).toEqual(refused("group-failed", "dev"));
    expect(changes()).toEqual(["groupadd -r -- dev"]);
    fails("usermod", 1, 6);
    expect(groups("adm ")).toEqual(refused("user-failed", "alice"));
  });
});

describe("provision_fetch", () => {
  const fetch = (url = "https://x/a?b&c") => run(sh`provision_fetch ${url} abc`);
  const helper = (script: string) => {
    const note = `#!/bin/sh\nprintf '<%s>' "$@" >>${host.at("fetched")}\n`;
    host.write("usr/lib/apt/apt-helper", `${note}${script}\n`, 0o755);
  };

  test("fetches a text by its hash", () => {
    helper('echo progress; echo key >"$6"');
    expect(fetch()).toEqual([]);
    expect(text("provision/keys/abc")).toBe("key\n");
    const place = host.at("provision/keys/abc.new");
    expect(text("fetched")).toBe(
      `<-q><-o><APT::Sandbox::User=root><download-file><https://x/a?b&c><${place}><SHA256:abc>`,
    );
    expect(existsSync(place)).toBe(false);
  });

  test("says so, and nothing else", () => {
    helper('echo progress; echo key >"$6"');
    expect(ended(sh`provision_fetch https://x abc`)).toMatchObject({
      stdout: "pulumi-nspawn: fetching https://x\n",
      stderr: "",
    });
  });

  test("fetches it once", () => {
    host.write("provision/keys/abc", "");
    expect(fetch()).toEqual([]);
    expect(text("provision/keys/abc")).toBe("");
  });

  test("refuses with all that was said where it cannot be fetched, and keeps nothing", () => {
    helper('echo some >"$6"; echo out; echo err >&2; exit 100');
    expect(fetch()).toEqual(refused("fetch-failed", "https://x/a?b&c", "out\nerr"));
    expect(existsSync(host.at("provision/keys/abc"))).toBe(false);
  });
});

const hashOf = (content: string) => createHash("sha256").update(content).digest("hex");

describe("provision_keys_hash", () => {
  const hash = () => ended(sh`provision_keys_hash alice`).stdout;

  test("is that of what is in the user's home", () => {
    host.write("home/alice/.ssh/authorized_keys", "ssh-ed25519 AAAA it's\n\n");
    expect(hash()).toBe(`${hashOf("ssh-ed25519 AAAA it's\n\n")}\n`);
  });

  test("is that of no text where there are no keys", () => {
    mkdirSync(host.at("home/alice"), { recursive: true });
    expect(ended(sh`provision_keys_hash alice`)).toEqual({ status: 0, stdout: `${hashOf("")}\n`, stderr: "" });
  });

  test("is read as the user, who may have put a link there", () => {
    mkdirSync(host.at("home/alice"), { recursive: true });
    hash();
    expect(host.calls()).toContainEqual(expect.stringMatching(/^runuser -u alice -- env -i /));
  });
});

describe("provision_keys", () => {
  const keys = (content: string) => ended(sh`provision_keys alice ${content}`);
  const PATH = "home/alice/.ssh/authorized_keys";
  beforeEach(() => mkdirSync(host.at("home/alice"), { recursive: true }));

  test("writes all the keys, for the user alone", () => {
    const content = "# 5% 'of' \"$HOME\" `id` $(id) \\n\nssh-ed25519 AAAA\n\n";
    expect(keys(content)).toMatchObject({ status: 0, stdout: "pulumi-nspawn: authorized keys of alice\n" });
    expect([text(PATH), modeOf(PATH), modeOf("home/alice/.ssh")]).toEqual([content, 0o600, 0o700]);
    expect(readdirSync(host.at("home/alice/.ssh"))).toEqual(["authorized_keys"]);
  });

  test("runs nothing of them, whatever their lines say", () => {
    const content = `k\npulumi-nspawn-end\ntouch ${host.at("ran")}\n`;
    expect(keys(content).status).toBe(0);
    expect(text(PATH)).toBe(content);
    expect(existsSync(host.at("ran"))).toBe(false);
  });

  test("writes them by the user's own hand", () => {
    keys("k\n");
    const calls = host.calls();
    expect(calls.filter((call) => /^runuser -u alice -- env -i /.test(call))).toHaveLength(2);
    expect(calls.filter((call) => call.startsWith("chown"))).toEqual([]);
  });

  test("takes the place of others, also with none", () => {
    host.write(PATH, "old\n", 0o644);
    keys("new\n");
    expect([text(PATH), modeOf(PATH)]).toEqual(["new\n", 0o600]);
    keys("");
    expect(text(PATH)).toBe("");
  });

  test("leaves them alone that are as they shall be", () => {
    host.write(PATH, "k\n", 0o644);
    const before = statSync(host.at(PATH)).ino;
    expect(keys("k\n").stdout).toBe("");
    expect([statSync(host.at(PATH)).ino, modeOf(PATH)]).toEqual([before, 0o644]);
  });

  test("refuses where they cannot be written", () => {
    host.write("home/alice/.ssh", "a file");
    expect(run(sh`provision_keys alice ${"k\n"}`)).toEqual(refused("keys-failed", "alice"));
    expect(run(sh`provision_keys bob ${"k\n"}`)).toEqual(refused("keys-failed", "bob"));
  });
});

describe("provision_user_remove", () => {
  const remove = (name: string) => ended(sh`provision_user_remove ${name}`);

  test("removes a user that this resource made, after its sessions", () => {
    host.write("provision/made", "user alice\n");
    expect(remove("alice").stderr).toBe("");
    expect(host.calls().slice(-2)).toEqual(["loginctl terminate-user alice", "userdel -- alice"]);
    expect(existsSync(host.at("provision/warnings"))).toBe(false);
  });

  test("leaves one alone that was there before, and one that is gone", () => {
    host.write("provision/made", "user bob\nuser alicia\ngroup alice\n");
    expect([remove("alice").stdout, remove("bob").stdout]).toEqual(["", ""]);
    expect(host.calls()).toEqual(["getent passwd bob"]);
  });

  test("tries again where its processes have not ended", () => {
    host.write("provision/made", "user alice\n");
    fails("userdel", 4, 8);
    expect(remove("alice").status).toBe(0);
    expect(changes()).toHaveLength(5);
    expect(existsSync(host.at("provision/warnings"))).toBe(false);
  });

  test("warns of one that stays, and continues", () => {
    host.write("provision/made", "user alice\n");
    fails("userdel", 5, 8);
    expect(remove("alice").status).toBe(0);
    expect(host.calls().filter((call) => call === "sleep 0.5")).toHaveLength(5);
    expect(text("provision/warnings")).toBe("the user alice could not be removed: out\n1 to go\n");
  });
});

describe("provision_group_remove", () => {
  const remove = (name: string) => ended(sh`provision_group_remove ${name}`);

  test("removes a group that this resource made, and no other", () => {
    host.write("provision/made", "group dev\nuser staff\n");
    expect([remove("dev").status, remove("staff").status, remove("de").status]).toEqual([0, 0, 0]);
    expect(changes()).toEqual(["groupdel -- dev"]);
  });

  test("continues without a word if the group stays, as one that somebody is in", () => {
    host.write("provision/made", "group dev\n");
    fails("groupdel", 1, 8);
    expect(remove("dev")).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
