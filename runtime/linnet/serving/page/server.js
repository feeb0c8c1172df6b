// Requests to the server that this page came from. The key is in memory only.

let key = "";
let refused = () => {};

/** Sends a key with all further requests. */
export function useKey(given) {
  key = given;
}

/** Names the function that learns that the key is missing, or wrong: a message, and whether it is wrong. */
export function whenRefused(callback) {
  refused = callback;
}

/** A request that was not answered. */
export class Failure extends Error {
  /** `status` is 0 if there was no answer; `wait` is the seconds after which to try again, or null. */
  constructor(message, status, wait = null) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

/**
 * Returns the answer as JSON, and the milliseconds that the server and the whole way took; `version` is the one that
 * answered, `truncated` the number of texts that it truncated.
 */
export async function ask(path, body, signal) {
  const headers = key ? { authorization: `Bearer ${key}` } : {};
  const options = { headers, signal, cache: "no-store" };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  }
  const start = performance.now();
  try {
    const response = await fetch(path, options);
    if (!response.ok) throw await failure(response);
    const answer = await response.json();
    const [version, truncated, server] = ["x-linnet-model", "x-linnet-truncated", "x-total-time"].map((name) => response.headers.get(name));
    return { answer, version, truncated: Number(truncated), total: performance.now() - start, server: Number(server) };
  } catch (error) {
    if (error instanceof Failure || error.name === "AbortError") throw error;
    throw new Failure("The server does not answer. Check that it runs, and try again.", 0);
  }
}

async function failure(response) {
  const found = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("retry-after")) || null;
  if (response.status !== 401) {
    return new Failure(`The server refused this (${response.status}): ${found.error ?? response.statusText}`, response.status, wait);
  }
  if (key) refused("The server does not know this key. Check it, and type it again.", true);
  else refused("This server needs a key. Type it here.", false);
  return new Failure("The server needs a key that it knows. The form at the top takes it.", 401);
}
