/** The few parts of SVG that charts are made of; colours read on white and on black. */

export const palette = ["#2f6fde", "#d9822b", "#5a9e3d", "#9b59b6"] as const;
const ink = "#767676";
const font = `font-family="system-ui, sans-serif" fill="${ink}"`;

export function text(
  x: number,
  y: number,
  content: string,
  options: { readonly anchor?: "start" | "middle" | "end"; readonly size?: number } = {},
): string {
  const { anchor = "start", size = 12 } = options;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" ${font}>${escapeXml(content)}</text>`;
}

export function rectangle(x: number, y: number, width: number, height: number, colour: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(width, 1))}" height="${round(height)}" fill="${colour}" rx="2"/>`;
}

export function line(points: readonly (readonly [number, number])[], colour: string, width = 2): string {
  const path = points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
}

export function circle(x: number, y: number, colour: string): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="4" fill="${colour}"/>`;
}

export function document(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

export const axisColour = ink;

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
