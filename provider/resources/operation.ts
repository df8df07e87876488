import { type Context, engineIsThere, UnfinishedError } from "../dynamic";
import { acknowledge, type Recorded } from "../host/acknowledgements";
import { identify } from "../host/identity";
import { forgetInventory } from "../host/inventory";
import { describeProgress } from "../host/jobs/build-progress";
import { type Job, type JobResult, runJob } from "../host/jobs/transient-unit";
import type { Claim } from "../host/ownership";
import { explained, type Refusals } from "../host/refusals";
import { type Answer, describeHost, type HostErrorParts, lines, run, type Script, type Target } from "../remote";
import { withoutSecretTexts } from "./secret-texts";
import { stackClaimant } from "./stack-claimant";

/** How messages name a kind of resource, where the resource is, and what its scripts' refusals mean. */
export interface Subject<Inputs> {
  /** Its name in messages, as in `the network "dev"`. */
  readonly describe: (inputs: Inputs) => string;
  readonly target: (inputs: Inputs) => Target;
  /** Whose work on the host it is. @default derived from the stack */
  readonly claimant?: (inputs: Inputs) => string | undefined;
  readonly refusals: readonly Refusals<Inputs>[];
}

interface RunOptions {
  /** Seconds for this script. @default what is left of the operation's time */
  readonly seconds?: number;
  /** Whether a script that lost its connection is sent again. @default true */
  readonly retry?: boolean;
  readonly onAnswer?: (answer: Answer) => void;
}

/**
 * An operation on one resource on its host: scripts and jobs with a shared deadline, and progress and errors in
 * its words.
 */
export class Operation<Inputs> implements Context {
  private readonly until: number;

  constructor(
    private readonly subject: Subject<Inputs>,
    readonly inputs: Inputs,
    private readonly context: Context,
    seconds: number,
    /** The recorded machine-id(5) of the host. `undefined` before the first operation. */
    private readonly machineId: string | undefined,
  ) {
    this.until = performance.now() + seconds * 1000;
  }

  get urn(): string {
    return this.context.urn;
  }

  get secretInputs(): readonly string[] {
    return this.context.secretInputs;
  }

  progress(text: string): void {
    this.context.progress(text);
  }

  note(text: string): void {
    this.context.note(text);
  }

  warn(text: string): void {
    this.context.warn(text);
  }

  /** For whom it works: an update for the owner in state, a create for a new one. */
  claimOf(owner: string, { fresh, adopt = false }: Pick<Claim, "fresh"> & Partial<Pick<Claim, "adopt">>): Claim {
    const stack = stackClaimant(this.urn);
    return { owner, claimant: this.subject.claimant?.(this.inputs) ?? stack, stack, urn: this.urn, fresh, adopt };
  }

  /**
   * Notes on the host that the answer about something that was created has arrived, so that nobody takes it for what a
   * killed run left.
   *
   * @throws Error if nobody is there any more to record it.
   */
  async acknowledge(recorded: Recorded): Promise<void> {
    const recorder = { attempt: this.errorContext("record").attempted, isThere: engineIsThere };
    await this.explaining((target) => acknowledge(target, recorded, recorder));
  }

  /** What is left of the operation's total time. */
  seconds(): number {
    return Math.max(1, Math.ceil((this.until - performance.now()) / 1000));
  }

  /** Answers the host's machine-id(5), and refuses another host than the recorded one. */
  get identify(): Script {
    return identify(this.machineId);
  }

  /** For an error: what is attempted, as a verb, and where. */
  errorContext(verb: string): Pick<HostErrorParts, "attempted" | "host"> {
    return errorContextOf(this.subject, this.inputs, verb);
  }

  /**
   * Runs a script on the host, if it is the recorded one.
   *
   * @throws HostError with the sentence for a refusal.
   */
  async run(verb: string, script: Script, options: RunOptions = {}): Promise<Answer[]> {
    const { seconds = this.seconds(), retry = true, onAnswer } = options;
    return this.explaining((target) =>
      run(target, lines([this.identify, script]), {
        attempt: this.errorContext(verb).attempted,
        timeoutSeconds: seconds,
        retry,
        onWaiting: (text) => this.progress(text),
        onAnswer: (answer) => {
          this.report(answer);
          onAnswer?.(answer);
        },
      }),
    );
  }

  /**
   * Runs a script that creates something. Pulumi keeps what it claimed but did not finish, to finish or remove it
   * later.
   */
  async claim<Outputs extends object>(
    verb: string,
    script: Script,
    id: string,
    outputs: (seen: readonly Answer[]) => Outputs,
  ): Promise<Answer[]> {
    const seen: Answer[] = [];
    try {
      return await this.run(verb, script, { onAnswer: (answer) => seen.push(answer) });
    } catch (error) {
      if (!(error instanceof Error) || !seen.some(({ key }) => key === "claimed")) throw error;
      throw new UnfinishedError(id, outputs(seen), error);
    }
  }

  /** Runs a job in a unit on the host, or joins one that runs there already. */
  async runJob(verb: string, job: Job, onAnswer: (answer: Answer) => void = this.report): Promise<JobResult> {
    const { attempted } = this.errorContext(verb);
    return this.explaining((target) =>
      runJob(target, job, { attempt: attempted, timeoutSeconds: this.seconds(), onAnswer }),
    );
  }

  /** Wraps everything that may write to the host, and explains errors to the user. */
  async explaining<Result>(work: (target: Target) => Promise<Result>): Promise<Result> {
    const target = this.subject.target(this.inputs);
    forgetInventory(target);
    try {
      return await work(target);
    } catch (error) {
      throw withoutSecretTexts(explained(error, this.subject.refusals, this.inputs), this.inputs, this.secretInputs);
    }
  }

  /** Shows an answer about progress in the resource's row. */
  readonly report = (answer: Answer): void => {
    const text = describeProgress(answer);
    if (text !== undefined) this.context.progress(text);
  };
}

/** For an error: what is attempted on a resource, as a verb, and where. */
export function errorContextOf<Inputs>(
  { describe, target }: Subject<Inputs>,
  inputs: Inputs,
  verb: string,
): Pick<HostErrorParts, "attempted" | "host"> {
  return { attempted: `${verb} ${describe(inputs)}`, host: describeHost(target(inputs).connection) };
}
