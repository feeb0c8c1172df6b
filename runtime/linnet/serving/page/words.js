// What each word contributes to the label: the words in colour, and the numbers in a table.

import { digits, make, signed, table } from "./elements.js";

/** Returns what shows an explanation. */
export function wordsShown(found) {
  if (!found.words.length) return [make("p", { className: "note" }, "The text has no words.")];
  const parts = [
    make("p", { className: "text", dir: "auto" }, ...coloured(found)),
    make("p", { className: "note" }, ...legend(found.label)),
  ];
  if (found.truncated) parts.push(make("p", { className: "note" }, "Only the words that the model read are explained."));
  const rows = found.words.map((each) => [each.word, signed(each.contribution), signed(each.score_contribution)]);
  const numbers = make("div", { className: "wide", tabIndex: 0 }, table(["word", "logit", "score"], rows, null));
  numbers.setAttribute("role", "region");
  numbers.setAttribute("aria-label", "What each word contributes");
  const told = `A word’s contribution is what the logit, or the score, of ${found.label} loses without the word. ` +
    `The logit is ${signed(found.logit)}, and ${signed(found.base)} for an empty text; the score is ${digits(found.score)}.`;
  parts.push(make("details", {}, make("summary", {}, "The numbers"), numbers, make("p", { className: "note" }, told)));
  return parts;
}

function legend(label) {
  return [mark("Solid", 1), ` words speak for ${label}, `, mark("dashed", -1), " ones against it; the stronger the colour, the more."];
}

/** Returns the text with its words marked. The server counts characters, JavaScript UTF-16 units. */
function coloured(found) {
  const characters = Array.from(found.text);
  const part = (start, end) => characters.slice(start, end).join("");
  const greatest = Math.max(0, ...found.words.map((each) => Math.abs(each.contribution))) || 1;
  const shown = [];
  let place = 0;
  for (const each of found.words) {
    const word = mark(part(each.start, each.end), each.contribution / greatest);
    word.title = signed(each.contribution);
    shown.push(part(place, each.start), word);
    place = each.end;
  }
  return [...shown, part(place)];
}

function mark(text, share) {
  const element = make("span", { className: share < 0 ? "word against" : "word for" }, text);
  element.style.setProperty("--share", Math.abs(share).toFixed(3));
  return element;
}
