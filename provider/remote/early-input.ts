import { Duplex } from "node:stream";
import type { Client } from "ssh2";

// ssh2 hands out a channel when the host has confirmed the command, and only then its input could be written: one round trip that SSH does not
// ask for. This hands it out when it is open, right after the request for the command has been sent.

interface ChannelManager {
  add(value: unknown): number;
  update(id: number, value: unknown): void;
}

const waiting = new WeakMap<ChannelManager, Map<number, (channel: Duplex) => void>>();

/**
 * Calls `open`, which opens one channel, and hands over that channel as soon as it can be written to.
 *
 * @returns whether it will: an ssh2 with other insides hands it over as it always does.
 */
export function withEarlyInput(client: Client, open: () => void, onOpen: (channel: Duplex) => void): boolean {
  const manager: unknown = Reflect.get(client, "_chanMgr");
  if (!isManager(manager)) {
    open();
    return false;
  }
  const listeners = listenersOf(manager);
  const add = manager.add;
  manager.add = (value) => {
    const id = add.call(manager, value);
    listeners.set(id, onOpen);
    return id;
  };
  try {
    open();
  } finally {
    manager.add = add;
  }
  return true;
}

function listenersOf(manager: ChannelManager): Map<number, (channel: Duplex) => void> {
  const known = waiting.get(manager);
  if (known) return known;
  const listeners = new Map<number, (channel: Duplex) => void>();
  const update = manager.update;
  manager.update = (id, value) => {
    update.call(manager, id, value);
    const listener = listeners.get(id);
    listeners.delete(id);
    // In this tick ssh2 still sends the request for the command.
    if (listener && value instanceof Duplex) process.nextTick(() => listener(value));
  };
  waiting.set(manager, listeners);
  return listeners;
}

function isManager(value: unknown): value is ChannelManager {
  return typeof value === "object" && value !== null && "add" in value && "update" in value;
}
