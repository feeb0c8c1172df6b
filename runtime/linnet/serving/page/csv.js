// CSV and TSV → rows, and rows → CSV and TSV, as `linnet classify` reads and writes them.

export const SEPARATORS = [",", "\t", ";", "|"];

/** Reads cells; `line` counts the lines of the text, which are more than the rows where cells have line breaks. */
class Reader {
  constructor(text, separator, quotes) {
    Object.assign(this, { text, quotes, at: 0, line: 1, unclosed: null });
    this.plainCell = new RegExp(`[^${separator === "|" ? "\\|" : separator}\\r\\n]*`, "y");
  }

  cell() {
    return (this.quotes && this.text[this.at] === '"' ? this.quoted() : "") + this.plain();
  }

  plain() {
    this.plainCell.lastIndex = this.at;
    const [found] = this.plainCell.exec(this.text);
    this.at += found.length;
    return found;
  }

  quoted() {
    const begun = this.line;
    let found = "";
    for (;;) {
      const end = this.text.indexOf('"', this.at + 1);
      const part = this.text.slice(this.at + 1, end < 0 ? undefined : end);
      this.line += part.match(/\r\n|\r|\n/g)?.length ?? 0;
      found += part;
      this.at = end < 0 ? this.text.length : end + 1;
      if (end < 0) this.unclosed = begun;
      if (end < 0 || this.text[this.at] !== '"') return found;
      found += '"';
    }
  }

  /** Goes past the end of a line. */
  lineEnd() {
    if (this.text[this.at] === "\r" && this.text[this.at + 1] === "\n") this.at += 1;
    this.at += 1;
    this.line += 1;
  }
}

/** Returns the rows, `{ line, cells }`, and the line of a quote that does not close, or null. Blank lines are no rows. */
export function parse(text, separator, quotes) {
  const reader = new Reader(text, separator, quotes);
  const rows = [];
  while (reader.at < text.length) {
    const row = { line: reader.line, cells: [] };
    const start = reader.at;
    for (;;) {
      row.cells.push(reader.cell());
      if (text[reader.at] !== separator) break;
      reader.at += 1;
    }
    row.blank = reader.at === start;
    rows.push(row);
    reader.lineEnd();
  }
  return { rows: withoutBlank(rows, quotes), unclosed: reader.unclosed };
}

/** Without quotes, a blank line is how a table of one column holds an empty text; not at the end. */
function withoutBlank(rows, quotes) {
  const first = rows.findIndex((row) => row.cells.some((cell) => cell.trim()));
  if (first < 0) return [];
  if (quotes || rows[first].cells.length > 1) return rows.slice(first).filter((row) => !row.blank);
  return rows.slice(first, rows.findLastIndex((row) => !row.blank) + 1);
}

/** Returns how a text seems to be read: its separator, and whether quotes enclose cells. */
export function guess(text, fileName = "") {
  const start = text.slice(0, 100_000);
  const [head] = start.trimStart().replace(/"(?:[^"]|"")*"/g, "").split(/[\r\n]/, 1);
  const times = (mark) => head.split(mark).length;
  const separator = /\.(tsv|tab)$/i.test(fileName) ? "\t" : SEPARATORS.reduce((best, mark) => (times(mark) > times(best) ? mark : best));
  if (separator !== "\t") return { separator, quotes: true };
  // In TSV, quotes are text. A table from a spreadsheet's clipboard has them around cells with line breaks.
  return { separator, quotes: !even(start, false) && even(start, true) };
}

function even(text, quotes) {
  const { rows, unclosed } = parse(text, "\t", quotes);
  const whole = text.length < 100_000 ? rows : rows.slice(0, -1);
  return unclosed === null && whole.every((row) => row.cells.length === whole[0].cells.length);
}

const LIKELY = /^(full_?)?(text|tweet|tweet_?text|content|message|body|review|comment|sentence|post|title)$/i;

/** Returns the place of the column that seems to have the texts: by its name, else the one with the longest cells. */
export function textColumn(names, rows) {
  const named = names.findIndex((name) => LIKELY.test(name.trim()));
  if (named >= 0) return named;
  const length = (place) => rows.slice(0, 50).reduce((sum, cells) => sum + cells[place].length, 0);
  return names.reduce((best, _, place) => (length(place) > length(best) ? place : best), 0);
}

/** Returns rows as text. Only cells that need quotes get them; without quotes, tabs and line breaks become spaces. */
export function write(rows, { separator, quotes, lineBreak }) {
  const needs = new RegExp(`["\\r\\n${separator === "|" ? "\\|" : separator}]`);
  const quoted = (cell) => (needs.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const plain = (cell) => cell.replaceAll(separator, " ").replace(/[\r\n]/g, " ");
  const line = (cells) => cells.map(quotes ? quoted : plain).join(separator);
  return rows.map((cells) => line(cells) + lineBreak).join("");
}

/** Returns the names; one that is taken gets the first free number, such as `label_2`. */
export function freeNames(names, taken = []) {
  const used = new Set(taken);
  return names.map((name) => {
    let free = name;
    for (let number = 2; used.has(free); number += 1) free = `${name}_${number}`;
    used.add(free);
    return free;
  });
}
