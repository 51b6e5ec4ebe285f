/** The lag of the last minute, one line for each target. */
const width = 360;
const height = 150;
const margin = { left: 40, right: 8, top: 10, bottom: 20 };
const spanMs = 60_000;
const gapMs = 3_000;

export function drawChart(svg, pulses, names, nowMs) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const recent = pulses.filter(({ atMs }) => atMs >= nowMs - spanMs);
  const lags = recent.flatMap(({ targets }) => targets.map(({ lagMs }) => lagMs ?? 0));
  const top = niceTop(Math.max(100, ...lags));
  const x = (atMs) => margin.left + ((atMs - nowMs + spanMs) / spanMs) * (width - margin.left - margin.right);
  const y = (lagMs) => height - margin.bottom - (lagMs / top) * (height - margin.top - margin.bottom);
  const parts = [];
  for (const share of [0, 0.5, 1]) {
    parts.push(line(margin.left, y(top * share), width - margin.right, y(top * share), "grid"));
    parts.push(label(margin.left - 6, y(top * share) + 4, scaleText(top * share), "end"));
  }
  for (const seconds of [60, 30, 0]) {
    const anchor = seconds === 60 ? "start" : seconds === 0 ? "end" : "middle";
    parts.push(label(x(nowMs - seconds * 1000), height - 4, seconds === 0 ? "now" : `−${seconds} s`, anchor));
  }
  names.forEach((name, index) => {
    const points = recent.flatMap(({ atMs, targets }) => {
      const lagMs = targets.find((target) => target.name === name)?.lagMs;
      return lagMs === undefined ? [] : [{ atMs, x: x(atMs), y: y(lagMs) }];
    });
    parts.push(...series(points, `series series-${index % 4}`));
  });
  svg.replaceChildren(...parts);
}

/** Points that are close in time are joined; a pause leaves a gap. */
function series(points, className) {
  let path = "";
  points.forEach((point, index) => {
    const joined = index > 0 && point.atMs - points[index - 1].atMs < gapMs;
    path += `${joined ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
  });
  const dots = points.map((point) => shape("circle", { cx: point.x, cy: point.y, r: 2.2, class: `${className} dot` }));
  return [shape("path", { d: path, class: className }), ...dots];
}

function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

function scaleText(milliseconds) {
  return milliseconds >= 1000 ? `${milliseconds / 1000} s` : `${milliseconds} ms`;
}

function line(x1, y1, x2, y2, className) {
  return shape("line", { x1, y1, x2, y2, class: className });
}

function label(x, y, text, anchor) {
  const node = shape("text", { x, y, "text-anchor": anchor });
  node.textContent = text;
  return node;
}

function shape(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
