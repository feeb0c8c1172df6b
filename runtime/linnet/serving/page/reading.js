// A file or a pasted text → a table: names, rows, and what was noticed.

import { counted } from "./elements.js";
import { freeNames, parse } from "./csv.js";

/**
 * Returns the text of a file, and whether it began with a byte order mark.
 *
 * Throws an error with words for people if the file is neither UTF-8 nor UTF-16 with a byte order mark.
 */
export async function decoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const starts = (...mark) => mark.every((byte, index) => bytes[index] === byte);
  const kind = starts(0xff, 0xfe) ? "utf-16le" : starts(0xfe, 0xff) ? "utf-16be" : "utf-8";
  try {
    return { text: new TextDecoder(kind, { fatal: true }).decode(bytes), mark: starts(0xef, 0xbb, 0xbf) || kind !== "utf-8" };
  } catch {
    throw new Error(`${file.name} is not UTF-8. Save it as CSV in UTF-8, and choose it again.`);
  }
}

/**
 * Returns the names of the columns, the rows with as many cells each, and notes for people.
 *
 * A row with more cells than the header is left out, because it cannot be known which cell is too many. A row with
 * fewer cells gets empty ones.
 */
export function tableOf(text, { separator, quotes, header }) {
  const { rows, unclosed } = parse(text, separator, quotes);
  const first = rows[0]?.cells ?? [];
  const width = header ? first.length : Math.max(0, ...rows.map((row) => row.cells.length));
  const names = header ? first : Array.from({ length: width }, (_, place) => `column_${place + 1}`);
  const body = header ? rows.slice(1) : rows;
  const kept = body.filter((row) => row.cells.length <= width);
  const short = kept.filter((row) => row.cells.length < width);
  const long = body.filter((row) => row.cells.length > width);
  const notes = [`${counted(kept.length, "row")}, ${counted(width, "column")}.`];
  if (long.length) notes.push(`${counted(long.length, "row")} left out: more cells than the header has (${lines(long)}).`);
  if (short.length) notes.push(`${counted(short.length, "row")} with fewer cells than the header has (${lines(short)}).`);
  if (unclosed !== null) notes.push(`The quote in line ${unclosed} does not close: what follows is one cell.`);
  return { names: freeNames(names), rows: kept.map(({ cells }) => padded(cells, width)), notes };
}

/** Returns the lines of a text; a line break at the end makes no further one. */
export const linesOf = (given) => (given === "" ? [] : given.replace(/\r?\n$/, "").split(/\r?\n/));

const padded = (cells, width) => [...cells, ...Array(width - cells.length).fill("")];

function lines(rows) {
  const named = rows.slice(0, 5).map((row) => row.line);
  return `${rows.length === 1 ? "line" : "lines"} ${named.join(", ")}${rows.length > named.length ? ", …" : ""}`;
}
