/** One essential rule of following broken each, from outside, until it is mended. Runs have to end with differences then. */
import { Session } from "../../../handler/sql/connection";
import { Pending } from "../../../handler/state/pending";
import { Store } from "../../../handler/state/store";
import { GatheredTouches } from "../../../handler/sync/gatheredTouches";
import type { Touch } from "../../../handler/touch/touch";
import { Delivery } from "./delivery";

/** Breaks a rule; what comes back mends it. */
type Breaking = () => () => void;

export interface BrokenRule {
  readonly name: string;
  /** Most runs notice it. */
  readonly quick: boolean;
  readonly begin: Breaking;
}

/** Puts something else in the place of a method. */
function replacing<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: T[K]) => T[K],
): Breaking {
  return () => {
    const original = prototype[name];
    prototype[name] = make(original);
    return () => {
      prototype[name] = original;
    };
  };
}

function withoutTouches(kind: Touch["kind"]): Breaking {
  return replacing(
    GatheredTouches.prototype,
    "add",
    (original) =>
      function (this: GatheredTouches, touch) {
        return touch.kind === kind ? 0 : original.call(this, touch);
      },
  );
}

/** The view of the open transactions shows the one that reads it only. */
const nothingIsOpen = replacing(
  Session.prototype,
  "rows",
  (original) =>
    async function (this: Session, sql, doing) {
      const rows = await original.call(this, sql, doing);
      const isView = sql.includes("information_schema.innodb_trx");
      return isView ? rows.filter(([, , own]) => own?.toString() === "1") : rows;
    },
);

const routesAreNotLocked = replacing(
  Session.prototype,
  "rows",
  (original) =>
    async function (this: Session, sql, doing) {
      return await original.call(this, sql.replace(/(?<=locks` WHERE .*) FOR UPDATE$/su, ""), doing);
    },
);

const nothingIsDeleted = replacing(
  Session.prototype,
  "run",
  (original) =>
    async function (this: Session, sql, doing) {
      const ofRows = this.role === "target" && /^DELETE FROM `run\d+`\.`(?:shift|pair|odd|filtered|log)`/u.test(sql);
      return ofRows ? { affectedRows: 0, warnings: 0 } : await original.call(this, sql, doing);
    },
);

const waitingIsDropped = replacing(
  Pending.prototype,
  "load",
  (original) =>
    async function (this: Pending, transactions) {
      const loaded = await original.call(this, transactions);
      await this.remove(loaded.map(({ id }) => id));
      return [];
    },
);

const waitingIsRemovedFirst = replacing(
  Pending.prototype,
  "load",
  (original) =>
    async function (this: Pending, transactions) {
      const loaded = await original.call(this, transactions);
      await this.remove(loaded.map(({ id }) => id));
      return loaded;
    },
);

const gapsAreForgotten = replacing(
  Store.prototype,
  "setTail",
  (original) =>
    async function (this: Store, route, state) {
      await original.call(this, route, { ...(state as object), gaps: [] });
    },
);

const failuresAreAcknowledged = replacing(
  Delivery.prototype,
  "done",
  (original) =>
    function (this: Delivery, sources) {
      original.call(this, sources, true);
    },
);

export const brokenRules: readonly BrokenRule[] = [
  { name: "open transactions are taken for settled", quick: true, begin: nothingIsOpen },
  { name: "what waited is removed and not refreshed", quick: true, begin: waitingIsDropped },
  { name: "rows are never deleted", quick: true, begin: nothingIsDeleted },
  { name: "gaps in generated keys are forgotten", quick: false, begin: gapsAreForgotten },
  { name: "predicates are left out", quick: false, begin: withoutTouches("where") },
  { name: "written keys are left out", quick: false, begin: withoutTouches("keys") },
  { name: "generated keys are left out", quick: false, begin: withoutTouches("tail") },
  { name: "routes are not locked", quick: false, begin: routesAreNotLocked },
  { name: "records are acknowledged though the invocation failed", quick: false, begin: failuresAreAcknowledged },
  { name: "what waited is removed before it is refreshed", quick: false, begin: waitingIsRemovedFirst },
];
