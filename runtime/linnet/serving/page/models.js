// The models that classify, in the menus of the page, and the key that the server may need to list them.

import { byId, make, tell } from "./elements.js";
import { ask, useKey, whenRefused } from "./server.js";

let listed = [];

/** Returns the labels of a model, in its order. */
export const labelsOf = (name) => listed.find((each) => nameOf(each) === name)?.labels ?? [];

/** Fills the menus, now and after each new key. */
export function startModels() {
  whenRefused((message, wrong) => {
    byId("key-form").hidden = false;
    tell("key-told", message, wrong ? "failed" : "");
    tell("told", "");
    byId("key").focus();
  });
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const given = byId("key").value.trim();
    if (!/^[\x21-\x7e]+$/.test(given)) {
      tell("key-told", "A key has letters, digits and signs, and no space. Type it again.", "failed");
      return;
    }
    useKey(given);
    load();
  });
  load();
}

async function load() {
  tell("told", "Asking the server for its models…");
  try {
    const { answer } = await ask("models");
    byId("key-form").hidden = true;
    byId("key").value = "";
    fill(answer.models);
  } catch (error) {
    if (error.status !== 401) tell("told", error.message, "failed");
  }
}

function fill(models) {
  listed = models.filter((each) => each.task === "text-classification").sort(currentFirst);
  const others = models.length - listed.length;
  for (const menu of document.querySelectorAll("[data-models]")) {
    menu.replaceChildren(...listed.map((each) => make("option", { value: nameOf(each) }, titleOf(each))));
  }
  if (listed.length > 1) byId("compare-second").selectedIndex = second();
  byId("compare-alone").hidden = listed.length > 1;
  byId("compare-form").hidden = listed.length < 2;
  byId("work").hidden = !listed.length;
  tell("told", noteOn(listed.length, others), listed.length ? "note" : "failed");
}

function noteOn(classifiers, others) {
  if (!classifiers) return "No model here classifies texts. This page is for classifiers; programs can ask for embeddings.";
  return others ? "Models for embeddings are not in the menus: this page is for classifiers." : "";
}

/** The place of a version that is likely to be compared with the first: one with the same labels. */
function second() {
  const labels = (each) => JSON.stringify(each.labels);
  const found = listed.findIndex((each, index) => index && labels(each) === labels(listed[0]));
  return found < 0 ? 1 : found;
}

/** Orders the versions of one model; the models stay in the server's order. */
const currentFirst = (one, other) =>
  one.model === other.model ? Number(other.role === "current") - Number(one.role === "current") : 0;

/** How requests name a version; the current one goes by its model's name, so that it follows a new version. */
const nameOf = (each) => (each.role === "current" ? each.model : `${each.model}@${each.version}`);

const titleOf = (each) => `${each.model}, version ${each.version}${each.role === "current" ? "" : ` (${each.role})`}`;
