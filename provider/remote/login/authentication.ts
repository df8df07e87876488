import type { AnyAuthMethod, AuthenticationType, KeyboardInteractiveCallback, Prompt } from "ssh2";
import type { Identities } from "./identities";
import type { Identity } from "./identity";

/** One login: what will be tried, and what the host has answered so far. */
export class Login {
  /** What was tried and refused, in order. */
  readonly refused: string[] = [];
  /** What was left out, and why. */
  readonly skipped: readonly string[];
  /** The methods that the host accepts; empty until it has said so. */
  offered: readonly string[] = [];
  private readonly keys: Identity[];
  private passwordMethods: readonly PasswordMethod[] = ["password", "keyboard-interactive"];
  private current: Attempt | undefined;

  constructor(
    private readonly user: string,
    private readonly identities: Identities,
    private readonly password: string | undefined,
  ) {
    this.keys = [...identities.usable];
    const noPassword = "no password is given (password, PULUMI_NSPAWN_SSH_PASSWORD)";
    this.skipped = password === undefined ? [...identities.skipped, noPassword] : identities.skipped;
  }

  /** Whether there was any key to try. */
  get hasKey(): boolean {
    return this.identities.usable.length > 0;
  }

  /** What ssh2 asks for at the beginning and after each refusal; `false` gives up. */
  readonly next = (methods: AuthenticationType[] | null, partial: boolean | null): AnyAuthMethod | false => {
    if (methods) this.offered = methods;
    if (this.current) this.record(this.current, partial === true);
    this.current = this.attempt();
    return this.current?.method ?? false;
  };

  private record(attempt: Attempt, partial: boolean): void {
    if (!partial && attempt.label) this.refused.push(attempt.label);
    // A host that wants several methods in turn may ask for the password again with the other method.
    if (partial) this.passwordMethods = PASSWORD_METHODS.filter((method) => method !== attempt.method.type);
  }

  private attempt(): Attempt | undefined {
    // The answer to `none` is the list of methods; sshd does not count it as a try.
    if (!this.current) return { label: undefined, method: { type: "none", username: this.user } };
    const key = this.takes("publickey") ? this.keys.shift() : undefined;
    if (key) return { label: key.label, method: key.method(this.user) };
    const { password } = this;
    const way = this.passwordMethods.find((method) => this.takes(method));
    if (password === undefined || way === undefined) return undefined;
    this.passwordMethods = [];
    return { label: "the password", method: passwordMethod(way, this.user, password) };
  }

  private takes(method: string): boolean {
    // After an agent's key, ssh2 does not pass on what the host then offered.
    return this.offered.includes(method) || this.current?.method.type === "agent";
  }
}

interface Attempt {
  readonly label: string | undefined;
  readonly method: AnyAuthMethod;
}

type PasswordMethod = "password" | "keyboard-interactive";
const PASSWORD_METHODS: readonly PasswordMethod[] = ["password", "keyboard-interactive"];

function passwordMethod(type: PasswordMethod, username: string, password: string): AnyAuthMethod {
  if (type === "password") return { type, username, password };
  const prompt = (
    _name: string,
    _text: string,
    _language: string,
    prompts: Prompt[],
    finish: KeyboardInteractiveCallback,
  ) => finish(prompts.map(({ echo }) => (echo ? "" : password)));
  return { type, username, prompt };
}
