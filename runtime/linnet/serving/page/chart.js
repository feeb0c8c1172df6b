// Counts of labels → a chart of their shares, with the numbers as text.

import { counted, make } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 44; // of a label, in pixels

/** Returns the chart: for each label its name, its count, its share and a bar. */
export function chart(counts) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const told = counts.map(([label, count]) => `${label}: ${count.toLocaleString("en")}, ${percent(count, total)}`);
  const svg = element("svg", { role: "img", width: "100%", height: counts.length * HEIGHT });
  svg.setAttribute("aria-label", `Labels of ${counted(total, "row")}. ${told.join("; ")}.`);
  counts.forEach(([label, count], index) => svg.append(...parts(label, count, total, index * HEIGHT)));
  return [svg, make("figcaption", { className: "note" }, `Labels of ${counted(total, "row")}.`)];
}

function parts(label, count, total, top) {
  const name = element("text", { x: 0, y: top + 16 });
  name.textContent = label;
  const number = element("text", { x: "100%", y: top + 16, "text-anchor": "end" });
  number.textContent = `${count.toLocaleString("en")}, ${percent(count, total)}`;
  const track = element("rect", { class: "track", x: 0, y: top + 24, width: "100%", height: 8, rx: 4 });
  const fill = element("rect", { class: "fill", x: 0, y: top + 24, width: `${(100 * count) / (total || 1)}%`, height: 8, rx: 4 });
  return [name, number, track, fill];
}

function element(tag, attributes) {
  const found = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
  return found;
}

const percent = (count, total) => `${((100 * count) / (total || 1)).toFixed(1)} %`;
