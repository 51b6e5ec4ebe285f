import { format } from "../print";
import { axisColour, circle, document, line, palette, text } from "./svg";

export interface LineChart {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  /** The x axis in powers of ten. Default: false. */
  readonly logarithmic?: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const width = 380;
const height = 260;
const area = { left: 52, top: 34, right: 24, bottom: 48 };

/** Charts side by side, each with its axes from zero (or, logarithmic, from its first point). */
export function lineCharts(charts: readonly LineChart[]): string {
  const parts = charts.map((chart, index) => `<g transform="translate(${index * width} 0)">${one(chart)}</g>`);
  return document(width * charts.length, height, parts);
}

function one({ title, xName, yName, logarithmic = false, points }: LineChart): string {
  const highest = Math.max(...points.map(({ y }) => y)) * 1.15;
  const scale = (value: number): number => (logarithmic ? Math.log10(value) : value);
  const first = logarithmic ? Math.min(...points.map(({ x }) => scale(x))) : 0;
  const last = Math.max(...points.map(({ x }) => scale(x)));
  const bottom = height - area.bottom;
  const x = (value: number): number =>
    area.left + ((scale(value) - first) / (last - first)) * (width - area.left - area.right);
  const y = (value: number): number => bottom - (value / highest) * (bottom - area.top);
  const places = points.map((point) => [x(point.x), y(point.y)] as const);
  return [
    text(0, 16, title, { size: 14 }),
    line(
      [
        [area.left, area.top],
        [area.left, bottom],
        [width - area.right, bottom],
      ],
      axisColour,
      1,
    ),
    text(area.left - 6, area.top + 4, format(Number(highest.toPrecision(2))), { anchor: "end", size: 11 }),
    text(area.left - 6, bottom + 4, "0", { anchor: "end", size: 11 }),
    ...points.map((point) => text(x(point.x), bottom + 16, compact(point.x), { anchor: "middle", size: 11 })),
    text((area.left + width - area.right) / 2, height - 12, xName, { anchor: "middle" }),
    text(area.left + 6, area.top + 4, yName, { size: 11 }),
    line(places, palette[0]),
    ...places.map(([left, top]) => circle(left, top, palette[0])),
  ].join("");
}

function compact(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000}M`;
  return value >= 1_000 ? `${value / 1_000}k` : String(value);
}
