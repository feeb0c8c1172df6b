"""Tables, texts and plots → one HTML page that needs no other file, no script and no network.

The colours follow the reader's light or dark setting: ``var(--paper)``, ``var(--ink)``, ``var(--soft)`` (for notes),
``var(--line)``, ``var(--accent)``, and two opposite ones, ``var(--for)`` and ``var(--against)``. In a style attribute,
``color-mix(in srgb, var(--for) 40%, transparent)`` is a shade of one.
"""

from collections.abc import Iterable, Sequence
from html import escape

_HEAD = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
"""

_STYLE = """\
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0;
  --accent: #0b62c4; --for: #1a7f5a; --against: #c4432b; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --soft: #9aa4b0; --line: #343b44;
  --accent: #6cb2ff; --for: #56c596; --against: #ff8a73; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .5rem 0; max-width: 44rem; }
.note, figcaption { color: var(--soft); font-size: .875rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: start;
  vertical-align: top; overflow-wrap: normal; }
th { color: var(--soft); font-weight: 600; }
.number { text-align: end; white-space: nowrap; }
.text { min-width: 14rem; overflow-wrap: anywhere; unicode-bidi: plaintext; }
figure { margin: 1rem 0; }
.maps { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.maps figure { margin: .5rem 0; }
svg { display: block; width: 100%; max-width: 30rem; height: auto; }
svg text { fill: var(--ink); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
svg .soft { fill: var(--soft); }
"""

_TABLE = '<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def page(title: str, *sections: str) -> str:
    """Returns a whole page of HTML: a title, and sections that are already HTML; see `section`."""
    return f"{_HEAD}<title>{escaped(title)}</title>\n<style>\n{_STYLE}</style>\n<body>\n<h1>{escaped(title)}</h1>\n" + (
        "\n".join(sections) + "\n</body>\n</html>\n"
    )


def section(heading: str, *parts: str) -> str:
    """Returns a part of the page under a heading; the parts are already HTML."""
    return "\n".join(["<section>", f"<h2>{escaped(heading)}</h2>", *parts, "</section>"])


def paragraph(text: str) -> str:
    """Returns a text as a paragraph."""
    return f"<p>{escaped(text)}</p>"


def note(text: str) -> str:
    """Returns a text as a small paragraph in a soft colour."""
    return f'<p class="note">{escaped(text)}</p>'


def figure(plot: str, caption: str) -> str:
    """Returns a plot, which is already HTML, above its caption."""
    return f"<figure>\n{plot}\n<figcaption>{escaped(caption)}</figcaption>\n</figure>"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, texts: Sequence[str] = ()) -> str:
    """Returns a table, wide ones with a scroll bar of their own.

    Args:
        columns: the names of the columns.
        rows: the cells of each row, as many as columns. Numbers are aligned at the right; give them as ``str``
            in the digits to show if they are not whole.
        texts: the names of the columns with running text, which get more room and the direction of their script.
    """
    body = [list(row) for row in rows]
    kinds = [_kind(name in texts, [row[index] for row in body]) for index, name in enumerate(columns)]
    return _TABLE.format(
        head="".join(_cell("th", kind, name) for kind, name in zip(kinds, columns, strict=True)),
        body="\n".join(
            "<tr>" + "".join(_cell("td", kind, cell) for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
            for row in body
        ),
    )


def escaped(text: object) -> str:
    """Returns a text as HTML shows it: without markup, and without the control characters that HTML forbids."""
    return escape("".join(char if char >= " " or char in "\t\n\r" else "\ufffd" for char in str(text)))


def _kind(is_text: bool, cells: Sequence[object]) -> str:
    if is_text:
        return "text"
    return "number" if cells and all(_is_number(cell) for cell in cells) else ""


def _is_number(cell: object) -> bool:
    """Returns True for a number, also one with a unit or an interval behind it, and for a dash in its place."""
    return isinstance(cell, (int, float)) or (isinstance(cell, str) and (cell[:1].isdigit() or cell[:1] in "–−+-"))


def _cell(tag: str, kind: str, content: object) -> str:
    return f'<{tag} class="{kind}">{escaped(content)}</{tag}>' if kind else f"<{tag}>{escaped(content)}</{tag}>"
