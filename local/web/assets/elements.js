/** Makes an element; strings become text, never markup. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") node.className = value;
    else if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

export function duration(milliseconds) {
  if (milliseconds === undefined || milliseconds === null) return "";
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

export function count(number, singular) {
  return `${number.toLocaleString("en-US")} ${singular}${number === 1 ? "" : "s"}`;
}
