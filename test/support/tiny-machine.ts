import type { TestHost } from "./hosts";

/** The output of a run of systemd-nspawn, and what the machine's init saw. */
export interface TinyRun {
  readonly exitCode: number;
  readonly stderr: string;
  /** What init reported, by the names of {@link REPORTED}. */
  readonly seen: Readonly<Record<string, string>>;
}

/** Commands that init runs inside. */
const REPORTED = {
  arguments: "cat /proc/$$/cmdline",
  credentials: "ls -1A /run/host/credentials",
  cwd: "pwd",
  environ: "cat /proc/$$/environ",
  homes: "ls /run/host/home",
  hostname: "cat /proc/sys/kernel/hostname",
  limits: "cat /proc/self/limits",
  links: "ls /sys/class/net",
  marks: 'for mark in /mnt/*/mark; do printf "%s %s\\n" "$(cat "$mark")" "$mark"; done',
  mounts: "cat /proc/self/mountinfo",
  oom: "cat /proc/self/oom_score_adj",
  status: "cat /proc/self/status",
};

const init = [
  "#!/bin/sh",
  ...Object.entries(REPORTED).map(([key, command]) => `echo "${key} $({ ${command}; } 2>/dev/null | base64 -w0)"`),
].join("\n");

/** A root of a few programs, whose init reports what it sees and ends: a run takes a fraction of a second. */
export class TinyMachine {
  readonly root: string;
  readonly nspawnFile: string;
  /** The file next to the root, which systemd does not trust. */
  readonly untrustedFile: string;

  private constructor(
    private readonly host: TestHost,
    readonly name: string,
  ) {
    this.root = `/var/lib/machines/${name}`;
    this.nspawnFile = `/etc/systemd/nspawn/${name}.nspawn`;
    this.untrustedFile = `${this.root}.nspawn`;
  }

  static async create(host: TestHost, name: string): Promise<TinyMachine> {
    const tiny = new TinyMachine(host, name);
    await host.sh(`
set -e
mkdir -p /etc/systemd/nspawn ${tiny.root}
cd ${tiny.root}
mkdir -p dev etc mnt proc root run srv sys tmp usr/bin usr/lib usr/lib64 var
ln -s usr/bin bin; ln -s usr/bin sbin; ln -s usr/lib lib; ln -s usr/lib64 lib64
for program in base64 cat ls sh; do
  file=$(readlink -f "$(command -v $program)"); cp "$file" usr/bin/$program
  ldd "$file" | grep -o '/[^ ]*' | while read -r library; do mkdir -p .$(dirname $library); cp -L "$library" .$library; done
done
echo ID=tiny | tee etc/os-release >usr/lib/os-release
base64 -d <<END >usr/bin/init
${Buffer.from(init).toString("base64")}
END
chmod +x usr/bin/init`);
    return tiny;
  }

  /** Runs it as systemd-nspawn@.service does, with this text as its `.nspawn` file. */
  async run(text: string, file = this.nspawnFile): Promise<TinyRun> {
    const { exitCode, stdout, stderr } = await this.host.exec(`
rm -f ${this.nspawnFile} ${this.untrustedFile}
base64 -d <<END >${file}
${Buffer.from(text).toString("base64")}
END
timeout 60 systemd-nspawn --quiet --keep-unit --register=no --console=pipe --boot --link-journal=try-guest --network-veth -U \
  --settings=override --machine=${this.name} </dev/null`);
    const reported = stdout.split("\n").flatMap((line) => {
      const [, key, answer] = /^(\w+) (\S*)\s*$/.exec(line) ?? [];
      return key === undefined || answer === undefined ? [] : [[key, Buffer.from(answer, "base64").toString()]];
    });
    return { exitCode, stderr, seen: Object.fromEntries(reported) };
  }
}
