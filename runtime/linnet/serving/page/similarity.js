// Texts, one a line → how alike their embeddings are, and the embeddings as a download.

import { byId, counted, digits, make, tell } from "./elements.js";
import { linesOf } from "./reading.js";
import { cancellable, inParts, waiting } from "./runs.js";
import { ask } from "./server.js";

const MOST = 20; // texts in the table; the download has all
const CHARACTERS = 100; // of a text in the table

let address = null; // of the download, in the browser's memory

/** Answers the form. */
export function startSimilarity() {
  byId("similarity-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!byId("similarity-cancel").hidden) return; // one at a time
    forget();
    const texts = linesOf(byId("similarity-texts").value);
    if (!texts.length) return tell("similarity-told", "Type or paste at least one text.", "failed");
    await cancellable(byId("similarity-cancel"), (signal) => embed(texts, byId("similarity-model").value, signal));
  });
}

function forget() {
  byId("similarity-found").hidden = true;
  if (address) URL.revokeObjectURL(address);
  address = null;
}

async function embed(texts, model, signal) {
  let version = model;
  let cut = 0;
  const told = (found, wait) => tell("similarity-told", `${found.length} of ${counted(texts.length, "text")}.${waiting(wait)}`);
  const send = async (part) => {
    const found = await ask(`models/${version}`, { inputs: part }, signal);
    version = found.version; // of all parts, also if another one takes the traffic in between
    cut += found.truncated;
    return found.answer.map((embedding) => ({ embedding }));
  };
  told([], 0);
  try {
    const found = await inParts(texts, send, told, signal);
    show(texts.map((text, index) => ({ text, number: index + 1, ...found[index] })), cut);
    offer(texts, found, version);
  } catch (error) {
    tell("similarity-told", ...(error.name === "AbortError" ? ["Cancelled."] : [error.message, "failed"]));
  }
}

function show(all, cut) {
  const embedded = all.filter((each) => each.embedding);
  const rows = embedded.slice(0, MOST);
  const cosines = rows.map((row) => rows.map((other) => cosine(row.embedding, other.embedding)));
  const best = told(rows, cosines);
  byId("similarity-best").textContent = best;
  byId("similarity-table").replaceChildren(...(rows.length > 1 ? [matrix(rows, cosines)] : []));
  byId("similarity-table").hidden = rows.length < 2;
  const notes = rows.length > 2 ? ["Bold: the text that is most like the one of its row."] : [];
  if (rows.length < embedded.length) notes.push(`The first ${MOST} of ${counted(embedded.length, "text")}; the download has all.`);
  if (cut) notes.push(`${counted(cut, "text")} cut: longer than the model reads.`);
  const refused = all.filter((each) => each.error);
  if (refused.length) notes.push(`${counted(refused.length, "text")} without an answer. ${refused[0].error}`);
  byId("similarity-note").textContent = notes.join(" ");
  byId("similarity-found").hidden = false;
  tell("similarity-told", [best, ...notes.slice(rows.length > 2 ? 1 : 0)].join(" "), "heard");
}

/** Returns a sentence on the two texts that are most alike. */
function told(rows, cosines) {
  const pairs = rows.flatMap((row, one) => rows.slice(one + 1).map((other, place) => [cosines[one][one + 1 + place], row, other]));
  if (!pairs.length) return `${counted(rows.length, "text")} embedded.`;
  const [value, row, other] = pairs.reduce((one, next) => (next[0] > one[0] ? next : one));
  return `Most alike: texts ${row.number} and ${other.number}, ${digits(value)}.`;
}

function matrix(rows, cosines) {
  const columns = rows.map(({ number, text }) => make("th", { scope: "col", title: short(text) }, String(number)));
  const head = make("tr", {}, make("th", { scope: "col" }, "text"), ...columns);
  const body = rows.map(({ number, text }, at) => {
    const closest = rows.length > 2 ? Math.max(...cosines[at].filter((_, place) => place !== at)) : null;
    const cells = cosines[at].map((value, place) => {
      const kind = place === at ? "span" : value === closest ? "strong" : "span";
      return make("td", {}, make(kind, { className: place === at ? "soft" : "" }, digits(value)));
    });
    const name = make("th", { scope: "row" }, make("span", { className: "soft" }, `${number} `), make("bdi", {}, short(text)));
    return make("tr", {}, name, ...cells);
  });
  const caption = make("caption", { className: "heard" }, "The similarity of each text with each other");
  return make("table", { className: "matrix" }, caption, make("thead", {}, head), make("tbody", {}, ...body));
}

function short(text) {
  const characters = Array.from(text);
  return characters.length > CHARACTERS ? `${characters.slice(0, CHARACTERS).join("")}…` : text;
}

/** Returns the cosine of two vectors, 0 if one has no length, as the server computes it. */
function cosine(one, other) {
  return dot(one, other) / (Math.sqrt(dot(one, one)) * Math.sqrt(dot(other, other)) || 1);
}

const dot = (one, other) => one.reduce((sum, value, index) => sum + value * other[index], 0);

/** Offers the embeddings, with the names that `linnet embed` gives them. */
function offer(texts, found, version) {
  const [model, label] = version.split("@");
  const embeddings = texts.map((text, index) => ({ text, embedding: null, ...found[index] }));
  const content = JSON.stringify({ model, version: label, embeddings });
  address = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = byId("embeddings");
  link.href = address;
  link.download = `${model.replace(/.*\//, "")}-embeddings.json`;
  link.hidden = false;
}
