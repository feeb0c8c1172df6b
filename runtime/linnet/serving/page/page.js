// Starts the page: its tabs, its models, and its panels.

import { byId } from "./elements.js";
import { startCompare } from "./compare.js";
import { startModels } from "./models.js";
import { startSimilarity } from "./similarity.js";
import { startTable } from "./table.js";
import { startText } from "./text.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

/** Shows the tabs whose task a model here has. */
function offer(tasks) {
  for (const tab of tabs) tab.hidden = !tasks.has(tab.dataset.needs);
  const [first] = shown();
  if (first && tabs.find((tab) => tab.getAttribute("aria-selected") === "true").hidden) select(first);
}

const shown = () => tabs.filter((tab) => !tab.hidden);

function select(chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
  }
}

/** The arrow keys, Home and End move between the tabs, as screen readers announce. */
function move(event) {
  const offered = shown();
  const at = offered.indexOf(event.target);
  const places = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  if (!(event.key in places)) return;
  event.preventDefault();
  const tab = offered.at(places[event.key] % offered.length);
  select(tab);
  tab.focus();
}

for (const tab of tabs) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", move);
}
startText();
startCompare();
startTable(() => select(byId("tab-table")));
startSimilarity();
startModels(offer);
