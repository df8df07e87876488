import { closeAll, HostError, run, sh } from "../../provider/remote";
import { failureOf } from "../support/ssh/failure";
import { ensureOpenSsh } from "../support/ssh/openssh";
import { Sshd } from "../support/ssh/sshd";

let sshd: Sshd | undefined;
beforeAll(ensureOpenSsh, 300_000);
afterEach(async () => {
  closeAll();
  await sshd?.remove();
  sshd = undefined;
});

/** An operation on a host whose messages are authenticated in this way alone. */
async function lookAround(mac: string): Promise<unknown> {
  sshd = await Sshd.start({ config: ["Ciphers aes256-ctr", `MACs ${mac}`] });
  return run({ connection: sshd.connection() }, sh`:`, { attempt: "look around", timeoutSeconds: 60 });
}

test.each(["hmac-sha1", "hmac-sha1-etm@openssh.com"])("SHA-1 is not accepted: %s", async (mac) => {
  const error = await failureOf(lookAround(mac));
  expect(error).toBeInstanceOf(HostError);
  expect(error.message).toContain("its sshd and this client have no algorithm in common");
});

test.each(["hmac-sha2-512", "hmac-sha2-256-etm@openssh.com"])("SHA-2 is: %s", async (mac) => {
  expect(await lookAround(mac)).toEqual([]);
});
