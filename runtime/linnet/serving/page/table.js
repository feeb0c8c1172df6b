// A table that was chosen, dropped or pasted → its first rows and the options of reading it.

import { guess, textColumn } from "./csv.js";
import { byId, make, table, tell } from "./elements.js";
import { decoded, tableOf } from "./reading.js";
import { startRun } from "./table_run.js";

const ROWS = 10; // of the preview
const PAUSE = 200; // milliseconds after the last key, so that each is not followed by a reading

let given = { text: "", mark: false, name: "" };
let read = { names: [], rows: [], notes: [] };

/** Answers the form. `show` brings this panel to the front when a file is dropped elsewhere on the page. */
export function startTable(show) {
  const run = startRun(() => ({ given, read, options: options(), column: byId("column").selectedIndex }), preview);
  const take = (text, mark, name) => {
    run.forget();
    given = { text, mark, name };
    const found = guess(text, name);
    byId("separator").value = found.separator;
    byId("quotes").checked = found.quotes;
    readAgain();
  };
  const takeFile = async (file) => {
    try {
      const { text, mark } = await decoded(file);
      byId("paste").value = "";
      take(text, mark, file.name);
    } catch (error) {
      tell("read-told", error.message, "failed");
    }
  };
  byId("file").addEventListener("change", (event) => event.target.files.length && takeFile(event.target.files[0]));
  let waiting = 0;
  byId("paste").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      byId("file").value = "";
      take(byId("paste").value, false, "");
    }, PAUSE);
  });
  for (const id of ["separator", "quotes", "header"]) {
    byId(id).addEventListener("change", () => (run.forget(), readAgain()));
  }
  byId("column").addEventListener("change", () => (run.forget(), preview()));
  startDropping(show, takeFile, (text) => {
    byId("paste").value = text;
    take(text, false, "");
  });
}

/** Files and texts may be dropped anywhere; without this, the browser would leave the page for the file. */
function startDropping(show, takeFile, takeText) {
  const place = byId("drop");
  const elsewhere = (event) => event.dataTransfer.types.includes("Files") || place.contains(event.target);
  document.addEventListener("dragover", (event) => {
    if (!elsewhere(event)) return;
    event.preventDefault();
    place.classList.add("over");
  });
  document.addEventListener("dragleave", () => place.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    place.classList.remove("over");
    if (!elsewhere(event)) return;
    event.preventDefault();
    show();
    const [file] = event.dataTransfer.files;
    if (file) takeFile(file);
    else takeText(event.dataTransfer.getData("text/plain"));
  });
}

const options = () => ({
  separator: byId("separator").value,
  quotes: byId("quotes").checked,
  header: byId("header").checked,
});

function readAgain() {
  read = tableOf(given.text, options());
  const empty = !read.names.length;
  byId("column").replaceChildren(...read.names.map((name) => make("option", {}, name || "(no name)")));
  if (!empty) byId("column").selectedIndex = textColumn(read.names, read.rows);
  for (const id of ["table-options", "table-buttons", "preview"]) byId(id).hidden = empty;
  const source = given.name ? `${given.name}: ` : "";
  tell("read-told", empty ? `${source}there is no row here.` : source + read.notes.join(" "));
  preview();
}

/** Shows the first rows; after a run with the answers before the cells. */
function preview(answers = [], answered = () => []) {
  const at = byId("column").selectedIndex;
  const heads = answers.length ? ["label", "score"] : [];
  const columns = read.names.map((name, place) => (place === at ? `${name} (classified)` : name));
  const rows = read.rows.slice(0, ROWS).map((cells, index) => [...(heads.length ? answered(answers[index]) : []), ...cells]);
  byId("preview-table").replaceChildren(table([...heads, ...columns], rows, at + heads.length));
}
