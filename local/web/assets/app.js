/** Keeps the page as the run sends it; see ../page.ts for what it sends. */
import { drawChart } from "./chart.js";
import { count, duration, element } from "./elements.js";
import { drawJourney } from "./journey.js";

const token = new URLSearchParams(location.search).get("token") ?? "";
const get = (id) => document.getElementById(id);
const pulses = [];
const journeys = new Map();
let targets = [];
let ready = false;

const events = new EventSource(`/events?token=${encodeURIComponent(token)}`);
const on = (name, show) => {
  events.addEventListener(name, (event) => {
    show(JSON.parse(event.data));
  });
};
events.addEventListener("error", () => {
  setPhase({ text: "the run has ended; start it again and open its new address", ready: false, examples: [] });
});
on("hello", showHello);
on("phase", setPhase);
on("pulse", showPulse);
on("journey", showJourney);

get("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void run();
});
get("sql").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void run();
  }
});
setInterval(() => {
  drawLag();
}, 500);

async function run() {
  const sql = get("sql").value;
  if (!ready || sql.trim() === "") return;
  get("run").disabled = true;
  const response = await fetch("/sql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-audit-sync-token": token },
    body: JSON.stringify({ sql }),
  });
  if (!response.ok) get("phase").textContent = (await response.text()).trim();
  get("run").disabled = !ready;
  get("sql").focus();
}

function showHello({ targets: list, clients }) {
  targets = list;
  get("clients").textContent = clients.join("\n\n");
}

function showExamples(examples) {
  get("examples").replaceChildren(
    ...examples.map(({ title, sql }) => {
      const button = element("button", { type: "button", class: "example" }, title);
      button.addEventListener("click", () => {
        get("sql").value = sql;
        get("sql").focus();
      });
      return button;
    }),
  );
}

function setPhase({ text, ready: isReady, examples }) {
  ready = isReady;
  showExamples(examples);
  get("phase").textContent = text;
  get("phase").className = isReady ? "ready" : "";
  get("sql").disabled = !isReady;
  get("run").disabled = !isReady;
}

function showPulse(pulse) {
  pulses.push(pulse);
  pulses.splice(0, pulses.length - 150);
  const share = pulse.share === undefined ? "" : ` · ${Math.floor(pulse.share * 100)} % of the workload`;
  get("counters").textContent =
    `${count(pulse.statements, "statement")} · ${count(pulse.records, "audit record")}${share}`;
  get("targets").replaceChildren(...pulse.targets.map(drawTarget));
  drawLag();
}

function drawTarget({ name, rowsWritten, rowsDeleted, behind }, index) {
  const lags = pulses
    .flatMap((pulse) => pulse.targets.filter((target) => target.name === name))
    .map(({ lagMs }) => lagMs);
  const lag = lags.findLast((lagMs) => lagMs !== undefined);
  const routes = targets.find((target) => target.name === name)?.routes ?? [];
  return element(
    "div",
    { class: "tile" },
    element("h3", {}, element("i", { class: `swatch swatch-${index % 4}` }), name),
    element(
      "p",
      { class: behind === 0 ? "current" : "behind" },
      behind === 0 ? "✔ up to date" : `${count(behind, "record")} to apply`,
    ),
    element(
      "p",
      { class: "note" },
      `${count(rowsWritten, "row")} written, ${rowsDeleted.toLocaleString("en-US")} deleted`,
      lag === undefined ? "" : `, last lag ${duration(lag)}`,
    ),
    element("ul", {}, ...routes.map((route) => element("li", {}, route))),
  );
}

function drawLag() {
  drawChart(
    get("chart"),
    pulses,
    targets.map(({ name }) => name),
    Date.now(),
  );
}

function showJourney(journey) {
  get("empty").hidden = true;
  const known = journeys.get(journey.id);
  const isOpen = known === undefined ? true : known.open;
  const inner = known === undefined ? [] : openInner(known);
  const drawn = drawJourney(journey, isOpen);
  drawn.querySelectorAll("details.inner").forEach((node, index) => {
    node.open = inner.includes(index);
  });
  if (known === undefined) {
    // The last one is open, unless somebody opened another one again.
    for (const other of journeys.values()) other.open = false;
    get("journeys").prepend(element("li", {}, drawn));
  } else {
    known.replaceWith(drawn);
  }
  journeys.set(journey.id, drawn);
}

function openInner(node) {
  return [...node.querySelectorAll("details.inner")].flatMap((inner, index) => (inner.open ? [index] : []));
}
