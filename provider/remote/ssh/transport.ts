import { spawn } from "node:child_process";
import { createConnection, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { signalGroup } from "../execution/child";
import { setRef } from "../execution/references";
import { Tail } from "../script/output-parser";

/** How long to wait for the last output of a command that has ended. */
const NOTES_MILLISECONDS = 500;

/** A byte stream to a host's sshd. */
export interface Transport {
  readonly stream: Duplex;
  /** Whether it keeps this process running. */
  readonly setBusy: (busy: boolean) => void;
  readonly destroy: () => void;
  /** What to add to an error of the stream, once it has ended. */
  readonly notes: () => Promise<string>;
}

/** Opens a TCP connection; the socket's own events, or `signal`, settle the promise. */
export function openTcp(host: string, port: number, signal: AbortSignal): Promise<Transport> {
  return new Promise((resolve, reject) => {
    // By default Node gives each address of a host except the last 250 ms: less than one round trip to distant hosts.
    const socket = createConnection({ host, port, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 3000 });
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(new Error("aborted"));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", fail);
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.off("error", fail);
      socket.setNoDelay(true);
      resolve(transportOf(socket));
    });
  });
}

function transportOf(socket: Socket): Transport {
  return {
    stream: socket,
    setBusy: (busy) => (busy ? socket.ref() : socket.unref()),
    destroy: () => socket.destroy(),
    notes: async () => "",
  };
}

/** The stdin and stdout of a user's command, run as OpenSSH does: by the user's shell, which `exec` replaces. */
export function openProxyCommand(command: string): Transport {
  const child = spawn(process.env.SHELL || "/bin/sh", ["-c", `exec ${command}`], { stdio: "pipe", detached: true });
  const stderr = new Tail();
  child.stderr.on("data", (chunk: Buffer) => stderr.add(chunk.toString()));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on("error", (error) => stream.destroy(error));
  return {
    stream,
    setBusy: (busy) => {
      for (const part of [child, child.stdin, child.stdout, child.stderr]) setRef(part, busy);
    },
    destroy: () => {
      stream.destroy();
      signalGroup(child.pid, "SIGTERM");
    },
    notes: async () => {
      await Promise.race([ended, wait(NOTES_MILLISECONDS)]);
      return `${stderr}`;
    },
  };
}
