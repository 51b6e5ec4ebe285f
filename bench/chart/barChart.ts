import { format } from "../print";
import { document, palette, rectangle, text } from "./svg";

export interface BarGroup {
  readonly name: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

const width = 760;
const left = 190;
const right = 80;
const barHeight = 16;
const groupGap = 30;

/** Groups of horizontal bars on one scale, each with its value behind it. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
  const largest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const parts = [text(0, 16, title, { size: 14 })];
  let y = 40;
  for (const { name, bars } of groups) {
    parts.push(text(0, y + 10, name, { size: 13 }));
    y += 20;
    for (const [index, bar] of bars.entries()) {
      const length = (bar.value / largest) * (width - left - right);
      parts.push(text(left - 8, y + 12, bar.name, { anchor: "end" }));
      parts.push(rectangle(left, y, length, barHeight - 3, palette[index % palette.length] ?? palette[0]));
      parts.push(text(left + length + 6, y + 12, format(Math.round(bar.value))));
      y += barHeight;
    }
    y += groupGap - barHeight;
  }
  return document(width, y + 10, parts);
}
