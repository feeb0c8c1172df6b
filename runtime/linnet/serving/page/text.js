// One text: its label, its scores, its words, and the time that the answer took.

import { bar, byId, counted, digits, make, shown, tell } from "./elements.js";
import { explain, forgetWords, startExplaining } from "./explain.js";
import { ask } from "./server.js";

const FEW = 5; // so many labels stay in the model's order; more are sorted by score
const MOST = 10; // further labels are folded

let running = new AbortController();

/** Answers the form. */
export function startText() {
  const form = byId("text-form");
  startExplaining();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    running.abort();
    running = new AbortController();
    classify(byId("text-model").value, byId("text").value, running.signal);
  });
  byId("text").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

async function classify(model, text, signal) {
  tell("text-told", "Classifying…");
  byId("text-found").hidden = true;
  forgetWords();
  try {
    const found = await ask("classify", { texts: [text], model }, signal);
    show(found);
    await explain(found.answer, text);
  } catch (error) {
    if (error.name !== "AbortError") tell("text-told", error.message, "failed");
  }
}

function show({ answer, server, total }) {
  const [found] = answer.results;
  const score = make("span", { className: "soft" }, ` ${digits(found.score)}`);
  byId("text-label").replaceChildren(make("strong", { dir: "auto" }, shown(found.label)), score);
  byId("text-scores").replaceChildren(...bars(found.scores));
  const notes = [`${answer.model}, version ${answer.version}.`, `Server ${server || "under 1"} ms, round trip ${Math.round(total)} ms.`];
  if (found.label === null) notes.push("The best score is below its threshold, so there is no label.");
  if (found.truncated) notes.push("The text was cut: it is longer than the model reads.");
  byId("text-time").textContent = notes.join(" ");
  byId("text-found").hidden = false;
  tell("text-told", `${shown(found.label)}, score ${digits(found.score)}.${found.truncated ? " The text was cut." : ""}`, "heard");
}

function bars(scores) {
  let entries = Object.entries(scores);
  if (entries.length > FEW) entries = entries.sort(([, one], [, other]) => other - one);
  const items = entries.map(([label, score]) => bar(label, score, digits(score)));
  if (items.length <= MOST) return items;
  const rest = items.splice(MOST);
  const more = make("details", {}, make("summary", {}, counted(rest.length, "further label")), make("ul", { className: "bars" }, ...rest));
  return [...items, make("li", { className: "more" }, more)];
}
