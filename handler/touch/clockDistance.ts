/** Times of own columns measured from the clock: `created_at + INTERVAL 30 DAY < NOW()`, `DATEDIFF(NOW(), made) > 30`. */
import { makeInterval } from "./clock";
import {
  isDate,
  unknownOperand,
  type AgeOperand,
  type ClockOperand,
  type Interval,
  type Operand,
  type ShiftedOperand,
  type ValueOperand,
} from "./operands";
import type { ComparisonOperator } from "./touch";

/** A month more and a month less can end up to three days from where they began. */
const monthMarginMs = 4 * 86_400_000;

function withShifts(clock: ClockOperand, shifts: readonly Interval[]): ClockOperand {
  const marginMs = clock.marginMs + (shifts.some(({ unit }) => unit === "month") ? monthMarginMs : 0);
  return { ...clock, shifts: [...clock.shifts, ...shifts], marginMs };
}

function isTimeColumn(operand: Operand | undefined): operand is ValueOperand {
  return operand?.kind === "value" && (isDate(operand) || operand.valueClass === "timestamp");
}

/** `column + INTERVAL ..`. */
export function shiftColumn(operand: Operand, interval: Interval): Operand {
  if (operand.kind === "shifted") return { ...operand, shifts: [...operand.shifts, interval] };
  return isTimeColumn(operand) ? { kind: "shifted", value: operand, shifts: [interval] } : unknownOperand;
}

/** The clock with which the column itself compares as the shifted column does with the given one. */
export function unshifted({ shifts }: ShiftedOperand, clock: ClockOperand): ClockOperand {
  const back = shifts.map(({ amount, unit }): Interval => ({ amount: -amount, unit })).reverse();
  return withShifts(clock, back);
}

/** `DATEDIFF(NOW(), column)`. */
export function dateDifference(operands: readonly Operand[]): Operand {
  const [later, earlier] = operands;
  const day = makeInterval("1", "day", 1);
  if (later?.kind !== "clock" || !isTimeColumn(earlier) || operands.length !== 2 || day === undefined) {
    return unknownOperand;
  }
  return later.scale === "unix" ? unknownOperand : { kind: "age", value: earlier, clock: later, unit: day };
}

/** `TIMESTAMPDIFF(DAY, column, NOW())`. */
export function timestampDifference(unitName: string, earlier: Operand, later: Operand): Operand {
  const unit = makeInterval("1", unitName, 1);
  if (later.kind !== "clock" || !isTimeColumn(earlier) || unit === undefined) return unknownOperand;
  return later.scale === "unix" ? unknownOperand : { kind: "age", value: earlier, clock: later, unit };
}

export interface AgeBound {
  readonly operator: ComparisonOperator;
  readonly clock: ClockOperand;
}

/**
 * Bounds of a column whose age in whole units compares so with a number. Both functions cut fractions off, so one unit on
 * either side is left for them.
 */
export function ageBounds(age: AgeOperand, operator: ComparisonOperator, digits: string): readonly AgeBound[] {
  if (!/^-?\d{1,9}$/u.test(digits)) return [];
  const units = Number(digits);
  const before = (count: number): ClockOperand =>
    withShifts(age.clock, [{ amount: -count * age.unit.amount, unit: age.unit.unit }]);
  const atLeast: AgeBound = { operator: "<=", clock: before(units - 1) };
  const atMost: AgeBound = { operator: ">=", clock: before(units + 2) };
  switch (operator) {
    case ">":
    case ">=":
      return [atLeast];
    case "<":
    case "<=":
      return [atMost];
    case "=":
    case "<=>":
      return [atLeast, atMost];
    case "<>":
      return [];
  }
}
