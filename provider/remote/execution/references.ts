import { ChildProcess } from "node:child_process";
import { Socket } from "node:net";

/** Whether a process, or one of its pipes, keeps this process running. */
export function setRef(part: object, busy: boolean): void {
  // The types say streams; what `spawn` creates for a pipe is a socket.
  if (part instanceof Socket || part instanceof ChildProcess) busy ? part.ref() : part.unref();
}
