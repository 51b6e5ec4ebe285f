import { forward, type PacketFate } from "../function/proxy";
import { type Random } from "../random";

export type DatabaseSide = "SOURCE" | "TARGET";

/** Trouble for one invocation of a function. */
export type Trouble =
  | { readonly kind: "none" }
  /** The function's process is killed so many milliseconds after it got the event. */
  | { readonly kind: "killLater"; readonly delayMs: number }
  /** It is killed at its nth COMMIT at the target: when the server has done it, or before the server sees it. */
  | { readonly kind: "killAtCommit"; readonly nth: number; readonly done: boolean }
  /** Its connection breaks at its nth statement to this database. */
  | { readonly kind: "cut"; readonly side: DatabaseSide; readonly nth: number };

export function planTrouble(random: Random): Trouble {
  const dice = random.next();
  if (dice < 0.7) return { kind: "none" };
  if (dice < 0.76) return { kind: "killLater", delayMs: random.below(200) };
  if (dice < 0.88) return { kind: "killAtCommit", nth: 1 + random.below(3), done: random.chance(0.4) };
  return { kind: "cut", side: random.chance(0.5) ? "SOURCE" : "TARGET", nth: 1 + random.below(12) };
}

/** Follows one invocation's statements and strikes when its trouble is due. `kill` ends the function's process. */
export class TroubleMaker {
  readonly #trouble: Trouble;
  readonly #kill: () => void;
  #statements = 0;
  #commits = 0;

  constructor(trouble: Trouble, kill: () => void) {
    this.#trouble = trouble;
    this.#kill = kill;
  }

  /** What becomes of a statement that the function sends. */
  decide(side: DatabaseSide, statement: string): PacketFate {
    const trouble = this.#trouble;
    switch (trouble.kind) {
      case "none":
      case "killLater":
        return forward;
      case "cut":
        if (side === trouble.side) this.#statements += 1;
        return side === trouble.side && this.#statements === trouble.nth ? { kind: "cut" } : forward;
      case "killAtCommit":
        if (side !== "TARGET" || !/^commit\b/iu.test(statement)) return forward;
        this.#commits += 1;
        return this.#commits === trouble.nth ? this.#killAtCommit(trouble.done) : forward;
    }
  }

  #killAtCommit(done: boolean): PacketFate {
    if (done) return { kind: "swallowAnswer", whenSwallowed: this.#kill };
    this.#kill();
    return { kind: "cut" };
  }
}
