import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as nspawn from "../../index";
import { keepBases, upWithKeptBases } from "../support/bases";
import { connectionTo } from "../support/connection";
import { generations } from "../support/generations";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";

const execute = promisify(execFile);

/** A box as its user has it: over ssh, with the entry from the output. */
describe.each(generations())("a DevBox on %s", (suite) => {
  let host: TestHost;
  let stack: Stack;
  let directory: string;
  let publicKey: string;
  let signer: string;

  beforeAll(async () => {
    host = await upWithKeptBases({ name: `dev-box-${suite}`, suite });
    stack = await Stack.create("dev");
    directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-dev-box-"));
    await execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", join(directory, "id")]);
    publicKey = (await readFile(join(directory, "id.pub"), "utf8")).trim();
    await makeRepositories();
    signer = await readFile(join(directory, "signer.asc"), "utf8");
  });

  afterAll(async () => {
    await stack.dispose();
    await keepBases(host);
    await host.down();
    await rm(directory, { recursive: true, force: true });
  });

  /** What servers provide: a project, dotfiles, and a signed apt source with one package. */
  async function makeRepositories(): Promise<void> {
    const script = `
      set -e; cd "$1"; export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x
      for name in project dots; do git init -q -b main --template= $name; done
      echo 'all:; echo built >built' >project/Makefile
      echo 'alias ll="ls -l"' >dots/.aliases; echo '# from dots' >dots/.bashrc; echo read me >dots/README
      for name in project dots; do git -C $name add .; git -C $name commit -q -m one; git clone -q --template= --bare $name $name.git; done
      mkdir -p pack/DEBIAN pack/usr/bin apt; printf 'Package: greet\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@x>\\nDescription: x\\n' >pack/DEBIAN/control
      printf '#!/bin/sh\\necho greetings\\n' >pack/usr/bin/greet; chmod 0755 pack/usr/bin/greet
      dpkg-deb --root-owner-group --build pack apt/greet.deb >/dev/null; cd apt
      { cat ../pack/DEBIAN/control; echo "Filename: ./greet.deb"; echo "Size: $(stat -c %s greet.deb)"; echo "SHA256: $(sha256sum <greet.deb | cut -c 1-64)"; } >Packages
      { echo "Date: $(LC_ALL=C date -Ru)"; echo SHA256:; echo " $(sha256sum <Packages | cut -c 1-64) $(stat -c %s Packages) Packages"; } >Release
      export GNUPGHOME="$1/gnupg"; mkdir -m 0700 "$GNUPGHOME"
      gpg --batch -q --passphrase '' --quick-gen-key signer@example.com ed25519 sign never
      gpg --batch -q --passphrase '' --clearsign -o InRelease Release; gpg --armor --export >"$1/signer.asc"; gpgconf --kill all
      cd ..; tar -cz project.git dots.git apt | base64`;
    const { stdout } = await execute("sh", ["-c", script, "sh", directory]);
    await host.sh(
      `install -d -m 0700 /srv/shared; mkdir /srv/shared/git; base64 -d <<END | tar -xz -C /srv/shared/git\n${stdout}END\nchown -R 1000:1000 /srv/shared/git`,
    );
  }

  /** Users append it to ~/.ssh/config, as documented; tests have their own file. */
  let sshConfig = "";
  const ssh = (command: string) => sshTo("alice", command);
  async function sshTo(box: string, command: string): Promise<string> {
    return (await execute("ssh", [...(await sshOptions()), box, command])).stdout.trim();
  }
  async function sshOptions(): Promise<string[]> {
    const file = join(directory, "config");
    await writeFile(
      file,
      `${sshConfig}\nHost alice bob\n  IdentityFile ${directory}/id\n  UserKnownHostsFile /dev/null\n`,
    );
    return ["-F", file, "-o", "BatchMode=yes"];
  }

  const program =
    (more: Partial<nspawn.DevBoxArgs> = {}, without: readonly (keyof nspawn.DevBoxArgs)[] = []) =>
    async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host, "ops") });
      const git = new nspawn.BindMount("git", { host: server, source: "/srv/shared/git", target: "/srv/git" });
      const args: nspawn.DevBoxArgs = {
        host: server,
        user: { name: "alice", authorizedKeys: [publicKey], groups: ["video"] },
        packages: ["make"],
        aptSources: [
          { name: "greet", url: "file:///srv/git/apt", suite: "./", components: [], key: signer, packages: ["greet"] },
        ],
        git: { name: 'Alice "A" Doe', email: "alice@example.com" },
        repositories: [{ url: "file:///srv/git/project.git" }],
        dotfiles: { url: "file:///srv/git/dots.git" },
        hooks: {
          onCreate: 'echo "$GREETING $(cat "$CREDENTIALS_DIRECTORY/token" | wc -c)" >>~/hooks',
          updateContent: ["make"],
          postCreate: { one: "echo one >>~/one", two: ["touch", "/home/alice/two"] },
          postStart: "echo start >>~/starts",
        },
        mounts: [git],
        ports: [{ host: 2200, guest: 22, label: "ssh" }],
        environment: { GREETING: "hello there" },
        secrets: { token: "hunter2" },
        limits: { tasks: 4000 },
        motd: "Welcome.",
        ...more,
      };
      for (const key of without) Reflect.deleteProperty(args, key);
      const box = new nspawn.DevBox("alice", args);
      return {
        sshConfig: box.sshConfig,
        knownHosts: box.knownHosts,
        address: box.address,
        user: box.user,
        ports: box.ports,
        state: box.machine.state,
      };
    };

  let address: unknown;
  let knownHosts: unknown;

  test("from nothing to a session: user, home, packages, repository, dotfiles, hooks", async () => {
    const made = await stack.up(program());
    expect(made.text).not.toContain("error:");
    expect(made.outputs).toMatchObject({
      user: "alice",
      state: "running",
      ports: [{ host: 2200, guest: 22, protocol: "tcp", label: "ssh" }],
    });
    ({ address, knownHosts } = made.outputs);
    sshConfig = String(made.outputs.sshConfig);
    expect(await ssh('whoami; pwd; echo "$GREETING"; . /etc/os-release; echo $VERSION_CODENAME; sudo id -u')).toBe(
      "alice\n/home/alice\nhello there\ntrixie\n0",
    );
    expect(await ssh("cat hooks starts one project/built; ls two; git config user.name; cat /etc/motd; greet")).toBe(
      'hello there 7\nstart\none\nbuilt\ntwo\nAlice "A" Doe\nWelcome.\ngreetings',
    );
    expect(
      await ssh(
        "readlink .aliases .bashrc; ls .bashrc.before-dotfiles README 2>&1; sudo cat /run/credentials/@system/token",
      ),
    ).toMatch(
      /^\/home\/alice\/\.dotfiles\/\.aliases\n\/home\/alice\/\.dotfiles\/\.bashrc\nls: cannot access 'README': No such file or directory\n\.bashrc\.before-dotfiles\nhunter2$/,
    );
    await ssh("echo precious >file; sudo touch /etc/of-the-root");
  });

  test("sudo apt install, sftp and a forwarded agent work with the same entry", async () => {
    await ssh("sudo apt-get -q update && sudo apt-get -q -y install hello");
    expect(await ssh("hello")).toBe("Hello, world!");
    await execute(
      "sh",
      [
        "-c",
        'eval "$(ssh-agent)" >/dev/null; trap "kill $SSH_AGENT_PID" EXIT; ssh-add -q "$1"; shift; ssh -A "$@" alice \'test -S "$SSH_AUTH_SOCK"\'; echo "get file" | sftp -q "$@" alice',
        "sh",
        join(directory, "id"),
        ...(await sshOptions()),
      ],
      { cwd: directory },
    );
    expect(await readFile(join(directory, "file"), "utf8")).toBe("precious\n");
  });

  test("a second run changes nothing", async () => {
    expect(Object.keys((await stack.up(program())).changes)).toEqual(["same"]);
  });

  test("a changed package and hook are applied without a rebuild, and the host's port reaches the box", async () => {
    const changed = {
      packages: ["make", "tree"],
      hooks: { updateContent: ["make"], postCreate: "tree . >~/tree; false; true" },
    };
    expect((await stack.up(program(changed))).text).not.toContain("error:");
    expect(await ssh("grep -c Makefile tree; cat hooks /etc/of-the-root; wc -l <one")).toBe("1\nhello there 7\n1");
    expect(await host.sh("timeout 5 bash -c 'head -c 4 </dev/tcp/127.0.0.1/2200'")).toBe("SSH-");
  });

  test("a failing postCreate shows its output in the error, leaves the box reachable, and is resumed", async () => {
    const failing = (command: string) =>
      program({ hooks: { onCreate: "echo once >>~/onces", postCreate: command, postStart: "echo late >>~/late" } });
    const failed = await stack.up(failing("echo the reason; exit 3"));
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(/the step "postCreate" ended with exit status 3\..*the reason/s);
    expect(await ssh("cat onces; [ -e late ] || echo none; cat file")).toBe("once\nnone\nprecious");
    const mended = await stack.up(failing("echo mended"));
    expect(mended.text).not.toContain("error:");
    expect(await ssh("cat onces late")).toBe("once\nlate");
  });

  test("a box whose repositories are taken out loses git, and keeps its sshd", async () => {
    const changed = await stack.up(program({ hooks: {} }, ["repositories", "dotfiles"]));
    expect(changed.text).not.toContain("error:");
    expect(changed.text).toMatch(/removed: git, /);
    expect(await ssh("command -v git || echo none; command -v ssh; apt-mark showmanual | grep ^openssh-")).toBe(
      "none\n/usr/bin/ssh\nopenssh-server",
    );
  });

  if (suite === "trixie") {
    test("a removed box that is made again, with Debian 12, has its home and its host key", async () => {
      expect((await stack.destroy()).text).not.toContain("error:");
      expect(
        await host.sh("cat /var/lib/devboxes/alice/home/file; stat -c %a /var/lib/devboxes; ls /var/lib/machines"),
      ).toBe("precious\n700\n");
      const again = await stack.up(program({ suite: "bookworm" }));
      expect(again.text).not.toContain("error:");
      expect(again.outputs).toMatchObject({ address, knownHosts });
      expect(await ssh(". /etc/os-release; echo $VERSION_CODENAME; cat file; sudo touch /etc/of-the-root")).toBe(
        "bookworm\nprecious",
      );
    });

    test("without a suite, a Debian 12 box becomes one of Debian 13 with its home, address and host key", async () => {
      const refused = await stack.preview(program());
      expect(refused.ok).toBe(false);
      expect(refused.text).toMatch(/changing suite from bookworm to trixie .* set `dataLoss: "allow"` .*the DevBox/);
      const allowed = program({ dataLoss: "allow" });
      const preview = await stack.preview(allowed);
      expect(preview.text).toMatch(/DebianRootfs alice .*replace: suite/);
      const rebuilt = await stack.up(allowed);
      expect(rebuilt.text).not.toContain("error:");
      expect(rebuilt.outputs).toMatchObject({ address, knownHosts, state: "running" });
      // With the old entry, which has the old key.
      expect(
        await ssh(
          ". /etc/os-release; echo $VERSION_CODENAME; cat file; [ -e /etc/of-the-root ] || echo none; wc -l <hooks",
        ),
      ).toBe("trixie\nprecious\nnone\n3");
    });
  }

  test("a box on a bridge has its own locale and time zone, a device of the host, and containers inside", async () => {
    await host.sh(`ip link add br-lab type bridge; ip address add 10.99.0.1/24 dev br-lab; ip link set br-lab up
      [ -e /dev/fuse ] || mknod -m 0666 /dev/fuse c 10 229`);
    const made = await stack.up(async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host, "ops") });
      const lab = new nspawn.BridgeAttachment("lab", { host: server, bridge: "br-lab" });
      const box = new nspawn.DevBox("bob", {
        host: server,
        user: { name: "bob", authorizedKeys: [publicKey] },
        network: lab.attach({ address: "10.99.0.2/24" }),
        locale: "de_DE.UTF-8",
        timezone: "Europe/Berlin",
        devices: ["/dev/fuse"],
        nesting: true,
        privateUsers: false,
        packages: ["systemd-container"],
        forwardAgent: true,
      });
      return { sshConfig: box.sshConfig, address: box.address };
    });
    expect(made.text).not.toContain("error:");
    expect(made.outputs).toMatchObject({
      address: "10.99.0.2",
      sshConfig: expect.stringContaining("ForwardAgent yes"),
    });
    sshConfig = String(made.outputs.sshConfig);
    expect(await sshTo("bob", "echo $LANG; readlink /etc/localtime | tail -c 14; test -c /dev/fuse && echo fuse")).toBe(
      "de_DE.UTF-8\nEurope/Berlin\nfuse",
    );
    expect(
      await sshTo(
        "bob",
        "sudo systemd-nspawn -q --volatile=yes -D / --private-users=no --register=no --keep-unit echo inner",
      ),
    ).toBe("inner");
  });
});
