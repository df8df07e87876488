/** What is known about an operation besides how it ended. */
export interface Context {
  readonly attempted: string;
  readonly host: string;
  readonly user: string;
  readonly timeoutSeconds: number;
  readonly silenceSeconds: number | undefined;
  /** Removes secrets from what is shown. */
  readonly redact: (text: string) => string;
}
