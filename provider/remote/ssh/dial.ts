import { Client } from "ssh2";
import type { Credentials } from "../connection/credentials";
import { detailOf } from "../errors/unknown-error";
import { MACS } from "../host-keys/macs";
import { HostTrust } from "../host-keys/trust";
import { Login } from "../login/authentication";
import { allowCertificateKeys } from "../login/certificate-authentication";
import { findIdentities } from "../login/identities";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import { loginFailure, negotiationFailure, networkFailure, timeoutFailure } from "./dial-failures";
import type { Transport } from "./transport";

/** An established login. */
export interface Session {
  readonly client: Client;
  readonly transport: Transport;
}

/** Opens the stream to a host's sshd. */
export type Open = (signal: AbortSignal) => Promise<Transport>;

/**
 * Logs in to a host once. A host that presents another key than the known one may be asked again for its other types of
 * key and for its certificate.
 *
 * @throws DialFailure
 */
export async function dial(resolved: ResolvedConnection, credentials: Credentials, open: Open): Promise<Session> {
  const trust = new HostTrust(resolved);
  for (;;) {
    if (trust.wantsCertificate) await inTime(resolved, open, (transport) => askCertificate(trust, transport));
    const session = await inTime(resolved, open, async (transport, signal) => {
      const identities = await findIdentities(resolved, credentials);
      const login = new Login(resolved.user, identities, credentials.password);
      const client = await handshake(resolved, trust, login, transport, signal);
      return client && { client, transport };
    });
    if (session) return session;
    if (!trust.reconsider()) throw trust.failure();
  }
}

async function askCertificate(trust: HostTrust, transport: Transport): Promise<void> {
  await trust.askCertificate(transport.stream);
  transport.destroy();
}

async function inTime<T>(
  resolved: ResolvedConnection,
  open: Open,
  use: (transport: Transport, signal: AbortSignal) => Promise<T>,
) {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), resolved.dialSeconds * 1000);
  let transport: Transport | undefined;
  try {
    const opening = open(deadline.signal);
    opening.then((late) => deadline.signal.aborted && late.destroy()).catch(() => {});
    const opened = await Promise.race([opening, aborted(deadline.signal)]);
    transport = opened;
    return await Promise.race([use(opened, deadline.signal), aborted(deadline.signal)]);
  } catch (error) {
    transport?.destroy();
    if (deadline.signal.aborted) throw timeoutFailure(resolved);
    throw networkFailure(resolved, error, (await transport?.notes()) ?? "");
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("out of time")), { once: true });
  });
}

/** The client once it is logged in, `undefined` if the host's key was refused. */
function handshake(
  resolved: ResolvedConnection,
  trust: HostTrust,
  login: Login,
  transport: Transport,
  signal: AbortSignal,
) {
  return new Promise<Client | undefined>((resolve, reject) => {
    const client = new Client();
    let refused = false;
    client.on("ready", () => resolve(client));
    // This listener stays: without one, an 'error' of ssh2 would end the process.
    client.on("error", (error) => {
      if (refused) resolve(undefined);
      else if (detailOf(error, "level") !== "agent") reject(meaning(resolved, login, trust, error));
    });
    client.on("close", () => (refused ? resolve(undefined) : reject(new Error("sshd closed it"))));
    client.on("change password", () => reject(loginFailure(resolved, login, "the password has expired")));
    signal.addEventListener("abort", () => client.destroy(), { once: true });
    client.connect({
      sock: transport.stream,
      username: resolved.user,
      algorithms: { serverHostKey: trust.algorithms, hmac: MACS },
      hostVerifier: (key: Buffer) => {
        refused = !trust.verify(key);
        return !refused;
      },
      authHandler: login.next,
      readyTimeout: 0,
      keepaliveInterval: 0,
    });
    allowCertificateKeys(client);
  });
}

function meaning(resolved: ResolvedConnection, login: Login, trust: HostTrust, error: Error): Error {
  if (detailOf(error, "level") === "client-authentication") return loginFailure(resolved, login);
  // sshd's own last word, such as "Too many authentication failures".
  const saidGoodbye = typeof detailOf(error, "code") === "number";
  if (saidGoodbye && (login.refused.length > 0 || login.offered.length > 0))
    return loginFailure(resolved, login, error.message);
  if (/no matching host key/i.test(error.message)) return trust.failure() ?? negotiationFailure(error);
  if (/no matching/i.test(error.message)) return negotiationFailure(error);
  return error;
}
