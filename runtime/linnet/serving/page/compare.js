// Texts, one a line → the answers of two versions side by side.

import { byId, counted, digits, make, shown, table, tell } from "./elements.js";
import { linesOf } from "./reading.js";
import { cancellable, inParts, waiting } from "./runs.js";
import { ask } from "./server.js";

const ROWS = 200; // shown at most

let compared = null;

/** Answers the form. */
export function startCompare() {
  byId("compare-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!byId("compare-cancel").hidden) return; // one at a time
    await cancellable(byId("compare-cancel"), compare);
  });
  byId("compare-only").addEventListener("change", show);
}

async function compare(signal) {
  const models = [byId("compare-first").value, byId("compare-second").value];
  const texts = linesOf(byId("compare-texts").value);
  byId("compare-found").hidden = true;
  if (!texts.length) return tell("compare-told", "Type or paste at least one text.", "failed");
  if (models[0] === models[1]) return tell("compare-told", "Choose two different versions.", "failed");
  const told = (found, wait) => tell("compare-told", `${found.length} of ${counted(texts.length, "text")}.${waiting(wait)}`);
  told([], 0);
  let names = models;
  const send = async (texts) => {
    const { answer } = await ask("compare", { texts, models }, signal);
    names = answer.answers.map((each) => `${each.model}@${each.version}`);
    const [first, second] = answer.answers.map((each) => each.results);
    return first.map((one, index) => ({ answers: [one, second[index]] }));
  };
  try {
    const found = await inParts(texts, send, told, signal);
    compared = { texts, names, found };
    show();
  } catch (error) {
    tell("compare-told", ...(error.name === "AbortError" ? ["Cancelled."] : [error.message, "failed"]));
  }
}

const differs = ({ answers, error }) => !error && answers[0].label !== answers[1].label;

function show() {
  const { texts, names, found } = compared;
  const differing = found.filter(differs).length;
  const places = found.map((_, index) => index).filter((index) => !byId("compare-only").checked || differs(found[index]));
  const rows = places.slice(0, ROWS).map((index) => row(texts[index], found[index]));
  const columns = ["labels", ...names, "text"];
  byId("compare-table").replaceChildren(table(columns, rows, 3, (at) => differs(found[places[at]])));
  const count = `Different labels: ${differing.toLocaleString("en")} of ${counted(texts.length, "text")}`;
  byId("compare-count").textContent = count;
  byId("compare-note").textContent = rows.length < places.length ? `The first ${ROWS} of ${counted(places.length, "text")}.` : "";
  byId("compare-found").hidden = false;
  tell("compare-told", `${count}.`, "heard");
}

function row(text, found) {
  if (found.error) return ["refused", found.error, "", text];
  const [first, second] = found.answers.map((each) =>
    make("span", {}, shown(each.label), make("span", { className: "soft" }, ` ${digits(each.score)}${each.truncated ? ", cut" : ""}`)),
  );
  return [differs(found) ? "differ" : "same", first, second, text];
}
