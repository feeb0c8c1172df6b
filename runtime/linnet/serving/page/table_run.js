// The rows of a table → their answers, a chart of the labels, and a download.

import { chart } from "./chart.js";
import { freeNames, write } from "./csv.js";
import { byId, counted, digits, shown, tell } from "./elements.js";
import { labelsOf } from "./models.js";
import { cancellable, inParts, waiting } from "./runs.js";
import { ask } from "./server.js";

const FEW = 12; // so many labels keep the model's order; of more, those that occur are shown, the most frequent first

let address = null; // of the download, in the browser's memory
let runs = 0; // so that a run whose table was replaced shows nothing more

/** Answers the form: `table` returns what was read, `preview` shows the first rows with their answers. */
export function startRun(table, preview) {
  byId("table-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!byId("table-cancel").hidden) return; // one at a time
    forget();
    const source = table();
    if (!source.read.rows.length) return tell("table-told", "There is no row to classify.", "failed");
    await cancellable(byId("table-cancel"), (signal) => run(source, byId("table-model").value, preview, signal));
  });
  return { forget };
}

/** Drops the answers: they are for another table, column or way of reading; a run under way ends. */
function forget() {
  runs += 1;
  byId("table-cancel").click();
  for (const id of ["table-found", "download", "table-progress"]) byId(id).hidden = true;
  if (address) URL.revokeObjectURL(address);
  address = null;
  tell("table-told", "");
}

async function run(source, model, preview, signal) {
  const mine = runs;
  const texts = source.read.rows.map((cells) => cells[source.column]);
  const labels = labelsOf(model);
  const progress = byId("table-progress");
  Object.assign(progress, { max: texts.length, value: 0, hidden: false });
  let done = [];
  const told = (found, wait) => {
    if (mine !== runs) return;
    done = found;
    progress.value = found.length;
    tell("table-told", `${found.length.toLocaleString("en")} of ${counted(texts.length, "row")}.${waiting(wait)}`);
    if (found.length) showChart(found, labels);
  };
  const send = async (part) => (await ask("classify", { texts: part, model }, signal)).answer.results;
  let ended = "";
  told([], 0);
  try {
    done = await inParts(texts, send, told, signal);
  } catch (error) {
    ended = error.name === "AbortError" ? "Cancelled." : error.message;
  }
  if (mine !== runs) return;
  progress.hidden = true;
  tell("table-told", summary(done, texts.length, ended), ended && !signal.aborted ? "failed" : "");
  if (!done.length) return;
  showChart(done, labels);
  preview(done, cellsOf);
  offer(source, done, labels);
}

const cellsOf = (found) => (found === undefined || found.error ? ["", ""] : [shown(found.label), digits(found.score)]);

function summary(done, total, ended) {
  const refused = done.filter((found) => found.error);
  const cut = done.filter((found) => found.truncated).length;
  const parts = ended ? [ended, `${done.length.toLocaleString("en")} of ${counted(total, "row")} have answers.`] : [`${counted(total, "row")} classified.`];
  if (cut) parts.push(`${counted(cut, "text")} cut: longer than the model reads.`);
  if (refused.length) parts.push(`${counted(refused.length, "row")} without an answer. ${refused[0].error}`);
  return parts.join(" ");
}

function showChart(done, labels) {
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const found of done) {
    if (!found.error) counts.set(shown(found.label), (counts.get(shown(found.label)) ?? 0) + 1);
  }
  let entries = [...counts];
  if (entries.length > FEW) entries = entries.filter(([, count]) => count).sort(([, one], [, other]) => other - one);
  byId("table-chart").replaceChildren(...chart(entries));
  byId("table-found").hidden = false;
}

/** Offers the rows that have answers, with all their columns, in the form in which they came. */
function offer({ given, read, options }, done, labels) {
  const added = ["label", "score", ...labels.map((label) => `score_${label}`), "truncated"];
  const rows = done.map((found, index) => [...read.rows[index], ...answerCells(found, labels)]);
  const header = [...read.names, ...freeNames(added, read.names)];
  const form = { ...options, lineBreak: /\r\n/.test(given.text.slice(0, 100_000)) ? "\r\n" : "\n" };
  const content = (given.mark ? "\ufeff" : "") + write([header, ...rows], form);
  const [kind, suffix] = options.separator === "\t" ? ["text/tab-separated-values", "tsv"] : ["text/csv", "csv"];
  address = URL.createObjectURL(new Blob([content], { type: `${kind};charset=utf-8` }));
  const link = byId("download");
  link.href = address;
  link.download = `${given.name.replace(/\.[^.]*$/, "") || "table"}-answers.${suffix}`;
  link.hidden = false;
}

function answerCells(found, labels) {
  if (found.error) return Array(labels.length + 3).fill("");
  const scores = labels.map((label) => String(found.scores[label]));
  return [found.label ?? "", String(found.score), ...scores, found.truncated ? "true" : "false"];
}
