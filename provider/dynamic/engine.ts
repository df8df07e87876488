import { createConnection } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 1000;
const LONGEST_MS = 5000;

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The engine's address is the launcher's first argument. Outside a provider process there is none. */
export function engineAddress(): string | undefined {
  const [, , address] = process.argv;
  return address !== undefined && /^(127\.0\.0\.1|localhost|\[::1\]):\d+$/.test(address) ? address : undefined;
}

const parent = process.ppid;

/**
 * Whether the engine that started this process is still there. The parent is not always the engine: some of its versions
 * start a shell in between, so its address is tried, too.
 */
export async function engineIsThere(): Promise<boolean> {
  return process.ppid === parent && !(await refuses(parsed(engineAddress())));
}

/** Resolves when the engine is gone: no signal says so, and this process would live on. */
export async function engineIsGone(): Promise<void> {
  do {
    await pause(EVERY_MS, undefined, { ref: false });
  } while (await engineIsThere());
}

function parsed(text: string | undefined): Address | undefined {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text ?? "") ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** Whether nothing listens there. An engine that is merely slow, or stopped, still listens. */
function refuses(address: Address | undefined): Promise<boolean> {
  if (address === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = createConnection(address).unref();
    const end = (refused: boolean) => {
      socket.destroy();
      resolve(refused);
    };
    socket.setTimeout(LONGEST_MS, () => end(false));
    socket.once("connect", () => end(false));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED"));
  });
}
