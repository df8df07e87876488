interface Waiting {
  readonly limit: number;
  readonly start: () => void;
}

/** Limits how many operations run on one host at once: first come, first served. */
export class Queue {
  private active = 0;
  private ceiling = Number.POSITIVE_INFINITY;
  private readonly waiting: Waiting[] = [];

  /** Runs the task as soon as it is its turn and fewer than `limit` others run. */
  async run<T>(limit: number, task: () => Promise<T>): Promise<T> {
    await this.turn(limit);
    try {
      return await task();
    } finally {
      this.active -= 1;
      this.next();
    }
  }

  /**
   * Called by a task that the host had no room for: from now on, fewer run at once. Returns `false` if it ran alone.
   */
  narrow(): boolean {
    const alone = this.active <= 1;
    this.ceiling = Math.max(1, this.active - 1);
    return !alone;
  }

  private turn(limit: number): Promise<void> {
    return new Promise((start) => {
      this.waiting.push({ limit: Math.max(1, limit), start });
      this.next();
    });
  }

  private next(): void {
    for (let head = this.waiting[0]; head && this.active < Math.min(head.limit, this.ceiling); head = this.waiting[0]) {
      this.waiting.shift();
      this.active += 1;
      head.start();
    }
  }
}
