import type { Client, ClientChannel } from "ssh2";
import { messageOf } from "../errors/unknown-error";
import { LinkLost, NoChannel } from "../execution/link";

/** Below sshd's MaxSessions, 10, with room for one that has ended but that sshd still counts. */
const USUAL_ROOM = 9;

/** What a session runs until the first line of its input says what it is for. */
const WAIT_FOR_COMMAND = `sh -c 'IFS= read -r command && eval "exec $command"'`;

/**
 * The sessions of one connection, some of them opened before they are needed. SSH takes two round trips to open a
 * session and start a command in it: for a distant host, that takes longer than sending the script.
 */
export class Sessions {
  private readonly waiting: Promise<ClientChannel>[] = [];
  private taken = 0;
  /** The most sessions to have open, including those in use; only those in use may exceed it. */
  private room = USUAL_ROOM;

  constructor(private readonly client: Client) {}

  /**
   * A session that waits for the line with its command.
   *
   * @throws NoChannel, LinkLost
   */
  take(): Promise<ClientChannel> {
    this.taken += 1;
    const session = this.waiting.shift()?.then(
      // A waiting session may have been ended meanwhile, for example by ChannelTimeout of sshd_config.
      (channel) => (channel.writable ? channel : this.open()),
      () => this.open(),
    );
    const taken = session ?? this.open();
    const wanted = Math.min(this.taken, this.room - this.taken);
    while (this.waiting.length < wanted) this.openAhead();
    return taken;
  }

  /** Call this when a session from {@link take} is no longer needed, or could not be opened. */
  release(): void {
    this.taken -= 1;
  }

  private openAhead(): void {
    const session = this.open();
    this.waiting.push(session);
    session.catch(() => {
      const index = this.waiting.indexOf(session);
      if (index >= 0) this.waiting.splice(index, 1);
      this.room = Math.min(this.room, this.taken + this.waiting.length);
    });
  }

  private open(): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      try {
        this.client.exec(WAIT_FOR_COMMAND, (error, channel) =>
          error ? reject(new NoChannel(error.message)) : resolve(channel),
        );
      } catch (error) {
        // ssh2 throws if the connection is already gone.
        reject(new LinkLost(messageOf(error)));
      }
    });
  }
}
