import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DialFailure } from "../../../../provider/remote/errors/dial-failure";
import { sshG } from "../../../../provider/remote/ssh-config/ssh-g";

const { PATH } = process.env;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ssh-g-"));
  process.env.PATH = [directory, PATH].join(delimiter);
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(directory, { recursive: true });
});

/** Puts a program in the place of ssh. */
function replaceSsh(script: string): void {
  writeFileSync(join(directory, "ssh"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, "ssh"), 0o755);
}

test("an ssh that hangs is ended with what it started, and the error says what can be the cause", async () => {
  replaceSsh('echo asking >&2; sleep 600 & echo $! >"${0%/*}/pid"; wait');
  await expect(sshG(["--", "web"], 2)).rejects.toMatchObject({
    parts: {
      happened: "ssh_config cannot be read: `ssh -G -- web` did not end within 2 s",
      advice: expect.stringContaining("`Match exec`"),
      details: "asking\n",
    },
  });
  const pid = Number(readFileSync(join(directory, "pid"), "utf8"));
  const gone = () => {
    try {
      process.kill(pid, 0);
      // A process that has ended and that nobody has waited for.
      return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return true;
    }
  };
  for (let tries = 0; tries < 50 && !gone(); tries += 1) await new Promise((done) => setTimeout(done, 100));
  expect(gone()).toBe(true);
});

test.each([
  ["answer", "echo hostname web"],
  ["failure", "echo no >&2; exit 3"],
])("what a command left running, with its pipes, holds up no %s", async (_, ending) => {
  replaceSsh(`sleep 600 & echo $! >"\${0%/*}/pid"; ${ending}`);
  const result = await sshG(["--", "web"]).catch((error: Error) => error.message);
  expect(result).toMatch(/^hostname web\n$|ended with exit status 3$/);
  // Fails if it has ended.
  process.kill(Number(readFileSync(join(directory, "pid"), "utf8")));
});

test("of errors without end, the end is shown", async () => {
  replaceSsh("head -c 20000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 255");
  const error = await sshG(["--", "web"]).catch((error: DialFailure) => error);
  const details = error instanceof DialFailure ? (error.parts.details ?? "") : "";
  expect(details).toMatch(/xthe end\n$/);
  expect(details.length).toBeLessThan(10_000);
});

test("of output without end, the beginning is kept", async () => {
  replaceSsh("echo hostname web; head -c 20000000 /dev/zero | tr '\\0' x");
  const printed = await sshG(["--", "web"]);
  expect(printed).toMatch(/^hostname web\nx/);
  expect(printed?.length).toBeLessThan(2_000_000);
});
