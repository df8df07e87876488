import { BaseAgent, type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from "ssh2";
import { messageOf } from "../errors/unknown-error";

/** Signs data; the signature is in SSH's format: its algorithm, then its bytes. */
export type Signer = (data: Buffer, hash: string | undefined) => Promise<Buffer>;

/** An agent for ssh2 that holds one key and signs with a function. */
export class IdentityAgent extends BaseAgent<ParsedKey> {
  constructor(
    private readonly key: ParsedKey,
    private readonly signer: Signer,
  ) {
    super();
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.key]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback: SignCallback = () => {},
  ): void {
    const done = typeof options === "function" ? options : callback;
    const hash = typeof options === "function" ? undefined : options.hash;
    this.signer(data, hash).then(
      (signature) => done(undefined, signature),
      (error) => done(new Error(messageOf(error), { cause: error })),
    );
  }
}
