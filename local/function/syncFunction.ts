import { type ExecutionEnvironment } from "./functionProcess";

/**
 * A function as Lambda offers it: any number of invocations at once, each in an execution environment of its own, which
 * is kept for later ones.
 */
export class SyncFunction {
  readonly #start: () => Promise<ExecutionEnvironment>;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #onFailure: (error: Error) => void;
  #invocations = 0;

  /** `onFailure` hears of every invocation that threw, ran out of time or died. */
  constructor(start: () => Promise<ExecutionEnvironment>, onFailure: (error: Error) => void) {
    this.#start = start;
    this.#onFailure = onFailure;
  }

  get invocations(): number {
    return this.#invocations;
  }

  /** @throws {Error} with what the function threw, or because it ran out of time or its process ended. */
  async invoke(event: unknown): Promise<unknown> {
    this.#invocations += 1;
    const environment = await this.#take();
    try {
      return await environment.invoke(event);
    } catch (error) {
      this.#onFailure(error as Error);
      throw error;
    } finally {
      if (environment.running) this.#idle.push(environment);
      else await this.#discard(environment);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((environment) => this.#discard(environment)));
  }

  async #take(): Promise<ExecutionEnvironment> {
    // The one that was used last is the warmest.
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.running) return idle;
      await this.#discard(idle);
    }
    const started = await this.#start();
    this.#all.add(started);
    return started;
  }

  async #discard(environment: ExecutionEnvironment): Promise<void> {
    this.#all.delete(environment);
    await environment.close();
  }
}
