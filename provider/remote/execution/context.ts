/** What is known about an operation apart from how it ended. */
export interface Context {
  readonly attempted: string;
  readonly host: string;
  readonly user: string;
  readonly timeoutSeconds: number;
  readonly silenceSeconds: number | undefined;
  /** Removes secrets from text that is shown. */
  readonly redact: (text: string) => string;
}
