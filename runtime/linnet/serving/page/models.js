// The models in the menus of the page, each in those of its task, and the key that the server may need to list them.

import { byId, make, tell } from "./elements.js";
import { ask, useKey, whenRefused } from "./server.js";

let listed = [];

/** Returns the labels of a model, in its order. */
export const labelsOf = (name) => listed.find((each) => nameOf(each) === name)?.labels ?? [];

/** Fills the menus, now and after each new key; `offer` learns the set of tasks that the models have. */
export function startModels(offer) {
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
    load(offer);
  });
  load(offer);
}

async function load(offer) {
  tell("told", "Asking the server for its models…");
  try {
    const { answer } = await ask("models");
    byId("key-form").hidden = true;
    byId("key").value = "";
    fill(answer.models);
    offer(new Set(answer.models.map((each) => each.task)));
  } catch (error) {
    if (error.status !== 401) tell("told", error.message, "failed");
  }
}

function fill(models) {
  listed = models.sort(currentFirst);
  for (const menu of document.querySelectorAll("[data-task]")) {
    menu.replaceChildren(...ofTask(menu.dataset.task).map((each) => make("option", { value: nameOf(each) }, titleOf(each))));
  }
  const classifiers = ofTask("text-classification");
  if (classifiers.length > 1) byId("compare-second").selectedIndex = second(classifiers);
  byId("compare-alone").hidden = classifiers.length > 1;
  byId("compare-form").hidden = classifiers.length < 2;
  byId("work").hidden = false;
  tell("told", "");
}

const ofTask = (task) => listed.filter((each) => each.task === task);

/** The place of a version that is likely to be compared with the first: one with the same labels. */
function second(classifiers) {
  const labels = (each) => JSON.stringify(each.labels);
  const found = classifiers.findIndex((each, index) => index && labels(each) === labels(classifiers[0]));
  return found < 0 ? 1 : found;
}

/** Orders the versions of one model; the models stay in the server's order. */
const currentFirst = (one, other) =>
  one.model === other.model ? Number(other.role === "current") - Number(one.role === "current") : 0;

/** How requests name a version; the current one goes by its model's name, so that it follows a new version. */
const nameOf = (each) => (each.role === "current" ? each.model : `${each.model}@${each.version}`);

const titleOf = (each) => `${each.model}, version ${each.version}${each.role === "current" ? "" : ` (${each.role})`}`;
