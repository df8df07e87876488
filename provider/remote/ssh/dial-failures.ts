import { DialFailure } from "../errors/dial-failure";
import { detailOf, messageOf } from "../errors/unknown-error";
import type { Login } from "../login/authentication";
import { describeResolved, type ResolvedConnection } from "../ssh-config/resolved-connection";

/** The host answered, but did not let the user in. */
export function loginFailure(resolved: ResolvedConnection, login: Login, why?: string): DialFailure {
  const { user } = resolved;
  const details = [
    ...login.refused.map((item) => `refused: ${item}`),
    ...login.skipped.map((item) => `not tried: ${item}`),
    ...(login.offered.length > 0 ? [`the host accepts: ${login.offered.join(", ")}`] : []),
    ...(why === undefined ? [] : [`sshd said: ${why}`]),
  ].join("\n");
  if (!login.hasKey && !login.refused.includes("the password")) {
    return new DialFailure("authentication", {
      happened: `there is no SSH key to log in as ${user} with`,
      advice:
        "Add one to an agent (ssh-add) and set SSH_AUTH_SOCK, set `privateKeyPath` in the connection, or set `privateKey` in the credentials.",
      details,
    });
  }
  const tooMany = why !== undefined && /too many authentication failures/i.test(why);
  const advice = tooMany
    ? "Select the right key with `agentIdentity` or `privateKeyPath` in the connection."
    : `Add the public key of one of these to ~${user}/.ssh/authorized_keys there, or select the right key with \`privateKeyPath\`.`;
  return new DialFailure("authentication", { happened: `the login as ${user} was refused`, advice, details });
}

/** The host did not answer, or not completely. */
export function timeoutFailure(resolved: ResolvedConnection): DialFailure {
  return unreachable(
    `it did not answer within ${resolved.dialSeconds} s`,
    "Check that it is up, that the address is right, and that no firewall is in between.",
  );
}

/** What an error on the way to a login means; an error that is a bug in this package stays unchanged. */
export function networkFailure(resolved: ResolvedConnection, error: unknown, notes: string): unknown {
  if (error instanceof DialFailure || error instanceof TypeError || error instanceof RangeError) return error;
  const { host, port } = resolved;
  const code = detailOf(error, "code");
  switch (code) {
    case "ECONNREFUSED":
      return unreachable(
        `nothing listens on its port ${port}`,
        "Check that sshd runs there and that the port is right.",
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return unknownName(host, code);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return unreachable("there is no route to it", "Check the address and the network in between.");
    case "ETIMEDOUT":
      return timeoutFailure(resolved);
    default:
      return unreachable(
        `the connection ended before the login (${messageOf(error)})`,
        "Check sshd's log there. An overloaded sshd (MaxStartups), or one that penalises this address (PerSourcePenalties), closes connections like this.",
        notes,
      );
  }
}

function unknownName(host: string, code: "ENOTFOUND" | "EAI_AGAIN"): DialFailure {
  const parts = {
    happened: `there is no address for the name ${JSON.stringify(host)}`,
    advice: "Check the name; an alias needs a `Host` section with `HostName` in ~/.ssh/config.",
  };
  // A name with a dot may be one that a cloud created a moment ago; one without is a typing error.
  return new DialFailure("unreachable", parts, code === "EAI_AGAIN" || host.includes("."));
}

function unreachable(happened: string, advice: string, details?: string): DialFailure {
  return new DialFailure("unreachable", { happened, advice, details }, true);
}

/** The two sides could not agree on an algorithm. */
export function negotiationFailure(error: unknown): DialFailure {
  return new DialFailure("configuration", {
    happened: `its sshd and this client have no algorithm in common (${messageOf(error)})`,
    advice:
      "Allow a current one in its sshd_config (KexAlgorithms, HostKeyAlgorithms, Ciphers, MACs), or let your own ssh, which may " +
      'know one, connect: `client: "openssh"` in the connection.',
  });
}

/** The login to a jump host itself failed. Its own tries are enough: none are added for the host behind it. */
export function hopFailure(via: ResolvedConnection, error: unknown): DialFailure {
  const place = `the jump host ${describeResolved(via)}`;
  if (!(error instanceof DialFailure))
    return new DialFailure("unreachable", { happened: `${place}: ${messageOf(error)}` });
  return new DialFailure(error.kind, { ...error.parts, happened: `${place}: ${error.parts.happened}` });
}

/** A jump host refused to connect, or could not connect, to the host behind it. */
export function forwardFailure(via: ResolvedConnection, error: unknown): DialFailure {
  const place = `the jump host ${describeResolved(via)}`;
  const prohibited = detailOf(error, "reason") === 1;
  if (prohibited) {
    const advice = "Set AllowTcpForwarding in its sshd_config, and allow the host behind it in PermitOpen.";
    return new DialFailure("configuration", { happened: `${place} does not forward connections`, advice });
  }
  const why = messageOf(error).replace("(SSH) Channel open failure: ", "");
  return unreachable(`${place} cannot connect to it (${why})`, "Check that it is up and can be reached from there.");
}
