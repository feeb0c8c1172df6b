// Many texts → their answers, in requests that fit the server's limits, one at a time.

import { counted } from "./elements.js";

const MOST = 256; // texts of a request, so that progress is seen
const CHARACTERS = 300_000; // of a request: at most 6 bytes each in JSON
const PATIENCE = 5; // answers 503 in a row

/**
 * Returns the answer for each text; `{ error }` for a text that the server refuses.
 *
 * `send` asks for a part; `told` learns all answers so far, and the seconds to wait where the server is busy.
 */
export async function inParts(texts, send, told, signal) {
  const found = [];
  let most = MOST;
  let size = MOST;
  let late = 0;
  while (found.length < texts.length) {
    const part = next(texts, found.length, size);
    try {
      found.push(...(await send(part)));
      [size, late] = [Math.min(most, size * 2), 0];
      told(found, 0);
    } catch (error) {
      const { status } = error;
      if (status === 503) late += 1;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1 && (status === 413 || status === 503)) most = half; // it would be too much each time
      if (status === 429 || (status === 503 && late < PATIENCE)) await pause(error.wait ?? 1, (left) => told(found, left), signal);
      else if ([400, 413, 422].includes(status) && part.length === 1) found.push({ error: error.message });
      else if (![400, 413, 422].includes(status)) throw error;
      if (status !== 429) size = half;
    }
  }
  return found;
}

function next(texts, start, size) {
  let end = start + 1;
  let characters = texts[start].length;
  while (end < Math.min(texts.length, start + size) && characters + texts[end].length <= CHARACTERS) {
    characters += texts[end].length;
    end += 1;
  }
  return texts.slice(start, end);
}

/** Waits some seconds; `told` learns how many are left. */
export async function pause(seconds, told, signal) {
  for (let left = seconds; left > 0; left -= 1) {
    told(left);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    signal.throwIfAborted();
  }
}

/** Returns what to say while the server is busy; nothing for no seconds. */
export const waiting = (seconds) => (seconds ? ` The server is busy: next try in ${counted(seconds, "second")}.` : "");

/** Runs a function with a button that cancels it; the function gets a signal. */
export async function cancellable(button, work) {
  const controller = new AbortController();
  const cancel = () => controller.abort();
  button.addEventListener("click", cancel);
  button.hidden = false;
  try {
    await work(controller.signal);
  } finally {
    button.removeEventListener("click", cancel);
    button.hidden = true;
  }
}
