// The words of a text in the colours of what they contribute to a label, which can be chosen.

import { byId, make, tell } from "./elements.js";
import { pause, waiting } from "./runs.js";
import { ask } from "./server.js";
import { wordsShown } from "./words.js";

let asked = null; // the text, and the version that classified it
let running = new AbortController();

/** Answers the menu of labels. */
export function startExplaining() {
  byId("words-label").addEventListener("change", async () => {
    const label = byId("words-label").value;
    if (await show(label)) tell("text-told", `The words are coloured by what they contribute to ${label}.`, "heard");
  });
}

/** Forgets the words, because another text comes. */
export function forgetWords() {
  running.abort();
  byId("text-words").ariaBusy = "true";
  byId("text-words").replaceChildren();
}

/** Explains the label of a text, and offers the others. */
export async function explain({ model, version, results: [found] }, text) {
  asked = { text, model: `${model}@${version}` };
  const labels = Object.keys(found.scores);
  const best = found.label ?? labels.reduce((one, other) => (found.scores[other] > found.scores[one] ? other : one));
  const told = (label) => (label !== best ? label : `${label} (${found.label === null ? "best score" : "predicted"})`);
  byId("words-label").replaceChildren(...labels.map((label) => make("option", { value: label }, told(label))));
  byId("words-label").value = best;
  byId("words-choice").hidden = labels.length < 2;
  await show(best);
}

/** Shows the words; returns false if they cannot be shown, or another label or text came in between. */
async function show(label) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const place = byId("text-words");
  const open = place.querySelector("details")?.open ?? false;
  place.ariaBusy = "true";
  const told = (wait) => place.replaceChildren(make("p", { className: "note" }, `Explaining…${waiting(wait)}`));
  try {
    place.replaceChildren(...wordsShown(await explained(label, told, signal)));
    if (open && place.querySelector("details")) place.querySelector("details").open = true;
  } catch (error) {
    if (error.name === "AbortError") return false;
    place.replaceChildren(make("p", { className: "failed", role: "alert" }, error.message));
  }
  place.ariaBusy = "false";
  return !place.querySelector(".failed");
}

/** Returns what the words contribute. The server is soon free: it ends explanations of labels that were left again. */
async function explained(label, told, signal) {
  for (;;) {
    told(0);
    try {
      return (await ask("explain", { ...asked, label }, signal)).answer;
    } catch (error) {
      if (error.status !== 429) throw error;
      await pause(error.wait ?? 1, told, signal);
    }
  }
}
