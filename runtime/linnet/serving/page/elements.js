// Elements of the page. Every text goes in as text, never as HTML.

/** Returns the element with an id. */
export const byId = (id) => document.getElementById(id);

/** Returns a new element with properties and children; a child is an element or a text. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Returns a table with a header; a cell is a text or an element.
 *
 * `texts` is the place of the column that gets more room, null for none; `marked` says which rows stand out.
 */
export function table(columns, rows, texts = 0, marked = () => false) {
  const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name)));
  const made = (cell, place) => make("td", { dir: "auto", className: place === texts ? "words" : "" }, cell);
  const body = rows.map((cells, index) => make("tr", { className: marked(index) ? "marked" : "" }, ...cells.map(made)));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
}

/**
 * Says something near a control; screen readers read it too.
 *
 * `kind` is "failed" for what went wrong, "note" for what matters less, "heard" for what others see elsewhere.
 */
export function tell(id, message, kind = "") {
  const place = byId(id);
  place.textContent = message;
  place.className = kind;
}

/** Returns a number of things in words: `1 row`, `1,024 rows`. */
export const counted = (number, thing) => `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;

/** Returns a score or a contribution in three digits. */
export const digits = (value) => value.toFixed(3).replace("-", "−");

/** Returns a contribution with its sign. */
export const signed = (value) => (value < 0 ? digits(value) : `+${digits(value)}`);

/** Returns a label as people read it. */
export const shown = (label) => label ?? "no label";

/** Returns a list item with a name, a bar of a share from 0 to 1, and the number in words. */
export function bar(name, share, told) {
  const fill = make("span", { className: "fill" });
  fill.style.width = `${Math.min(1, Math.max(0, share)) * 100}%`;
  const track = make("span", { className: "track" }, fill);
  track.setAttribute("aria-hidden", "true");
  return make("li", {}, make("span", { className: "name", dir: "auto" }, name), track, make("span", { className: "number" }, told));
}
