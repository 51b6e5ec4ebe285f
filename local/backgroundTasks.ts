/** Loops that run beside the main course, until they are all told to stop. One that fails, fails the run. */
export class BackgroundTasks {
  readonly #controller = new AbortController();
  readonly #tasks: Promise<void>[] = [];
  #fail: (error: unknown) => void = () => undefined;
  /** Never fulfilled; rejects with the error of the first task that fails. */
  readonly failure = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  constructor() {
    // Whoever waits for something else at that moment is told by `stop`.
    this.failure.catch(() => undefined);
  }

  start(task: (stop: AbortSignal) => Promise<void>): void {
    const running = task(this.#controller.signal);
    running.catch(this.#fail);
    this.#tasks.push(running);
  }

  /** Settles when every task has ended. */
  async stop(): Promise<void> {
    this.#controller.abort();
    await Promise.allSettled(this.#tasks);
  }
}
