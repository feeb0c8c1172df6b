"""Tables: pasted, dropped or chosen → answers for every row, a chart, and a download."""

import csv
import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import linnet
import pytest
from linnet.postprocessing.scores import Prediction
from playwright.sync_api import Page, Route, expect
from served import Running, running
from served_pages import Opener

TEXTS = [
    "Good news! 🎉 Zażółć",
    'He said "not bad", and left;\nthen he came back\r\nagain',
    "<img src=x onerror=\"document.title='hacked'\">",
    "=SUM(A1:A9)",
    "",
    " two hours on hold ",
    "so bad " + "?!" * 300,  # longer than the model reads
]
FACTS = [f'{number},"{number}"' for number in range(len(TEXTS))]
DROPPED = """([content, name]) => {
  const dropped = new DataTransfer();
  if (name) dropped.items.add(new File([content], name));
  else dropped.setData("text/plain", content);
  return dropped;
}"""


def rendered(separator: str = ",", line: str = "\r\n") -> str:
    written = io.StringIO()
    rows = csv.writer(written, delimiter=separator, lineterminator=line)
    rows.writerow(["label", "tweet", "a,b;\t|"])
    rows.writerows([number, text, fact] for number, (text, fact) in enumerate(zip(TEXTS, FACTS, strict=True)))
    return written.getvalue()


def pasted(page: Page, content: str) -> None:
    page.click("#tab-table")
    page.fill("#paste", content)
    expect(page.locator("#table-buttons")).to_be_visible()


def dropped(page: Page, content: str, name: str, place: str = "#drop") -> None:
    data = page.evaluate_handle(DROPPED, [content, name])
    page.dispatch_event(place, "drop", {"dataTransfer": data})
    expect(page.locator("#table-buttons")).to_be_visible()


def chosen(page: Page, content: bytes, name: str = "tweets.csv") -> None:
    page.click("#tab-table")
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": content})


def downloaded(page: Page, wait: str = "classified") -> bytes:
    page.click("#table-buttons .first")
    expect(page.locator("#table-told")).to_contain_text(wait)
    with page.expect_download() as download:
        page.click("#download")
    return Path(download.value.path()).read_bytes()


def rows_of(content: bytes, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), delimiter=separator))


def cells(found: Prediction) -> list[str | float]:
    return [found.label or "", found.score, *found.scores.values(), "true" if found.truncated else "false"]


def parsed(row: list[str]) -> list[str | float]:
    label, *scores, truncated = row
    return [label, *map(float, scores), truncated]


@pytest.mark.parametrize(("separator", "line"), [(",", "\r\n"), (";", "\n"), ("\t", "\r\n"), ("|", "\n")])
def test_a_pasted_table_comes_back_whole_with_the_answers_of_the_library(
    page: Page, model: linnet.Classifier, separator: str, line: str
) -> None:
    given = rendered(separator, "\n")
    pasted(page, given)
    assert page.evaluate("document.querySelector('#column').selectedOptions[0].textContent") == "tweet"
    content = downloaded(page)
    head, *rows = rows_of(content, separator)
    normal = [[cell.replace("\r\n", "\n") for cell in row] for row in rows_of(given.encode(), separator)]
    scores = [f"score_{label}" for label in model.labels]
    assert head == [*normal[0], "label_2", "score", *scores, "truncated"]
    assert [row[:3] for row in rows] == normal[1:]
    assert rows[-1][-1] == "true" and "1 text cut" in page.inner_text("#table-told")
    assert [parsed(row[3:]) for row in rows] == [cells(found) for found in model([row[1] for row in normal[1:]])]


@pytest.mark.parametrize("place", ["#drop", "header"])
def test_a_dropped_file_comes_back_as_the_command_line_writes_it(page: Page, tmp_path: Path, place: str) -> None:
    given = rendered()
    dropped(page, given, "Möwen.csv", place)
    assert page.locator("#panel-table").is_visible() and "Möwen.csv: 7 rows, 3 columns." in page.inner_text(
        "#read-told"
    )
    content = downloaded(page)
    (tmp_path / "in.csv").write_bytes(given.encode())
    command = [
        sys.executable,
        "-m",
        "linnet",
        "classify",
        "--column",
        "tweet",
        "--input",
        "in.csv",
        "--output",
        "out.csv",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    expected = rows_of((tmp_path / "out.csv").read_bytes())
    rows = rows_of(content)
    assert rows[0] == expected[0] and len(rows) == len(TEXTS) + 1
    for row, other in zip(rows[1:], expected[1:], strict=True):
        assert row[:3] == other[:3] and parsed(row[3:]) == parsed([*other[3:-1], other[-1].lower()])
    assert page.evaluate("document.querySelector('#download').download") == "Möwen-answers.csv"
    assert page.title() == "Linnet" and page.locator("#preview img").count() == 0


def test_a_dropped_text_is_read_too(page: Page) -> None:
    page.click("#tab-table")
    dropped(page, "text\nGood news!\n", "", "#paste")
    assert "1 row, 1 column." in page.inner_text("#read-told")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_may_have_a_byte_order_mark(page: Page, encoding: str) -> None:
    chosen(page, rendered().encode(encoding))
    content = downloaded(page)
    assert content.startswith(b"\xef\xbb\xbf") == (encoding != "utf-8")
    head, *rows = rows_of(content.removeprefix(b"\xef\xbb\xbf"))
    assert head[0] == "label" and [row[1] for row in rows] == TEXTS
    assert b"\r\n" in content and content.endswith(b"\r\n")


def test_other_files_are_refused_in_words(page: Page) -> None:
    chosen(page, "text\nGr\xfc\xdfe\n".encode("latin-1"), "old.csv")
    expect(page.locator("#read-told")).to_have_text(
        "old.csv is not UTF-8. Save it as CSV in UTF-8, and choose it again."
    )
    chosen(page, b"\n \n", "empty.csv")
    expect(page.locator("#read-told")).to_have_text("empty.csv: there is no row here.")
    expect(page.locator("#table-buttons")).to_be_hidden()


def test_quotes_in_tsv_are_text(page: Page, model: linnet.Classifier) -> None:
    given = 'id\ttext\n1\t"so bad\n2\tnot "bad" at all"\n'
    chosen(page, given.encode(), "tweets.tsv")
    expect(page.locator("#quotes")).not_to_be_checked()
    lines = downloaded(page).decode().splitlines()
    assert [line.split("\t")[:3] for line in lines[1:]] == [
        ["1", '"so bad', str(model('"so bad').label)],
        ["2", 'not "bad" at all"', str(model('not "bad" at all"').label)],
    ]


def test_rows_that_do_not_fit_are_named(page: Page) -> None:
    pasted(page, "id,text\n1,Good news!\n2,so, bad\n3\n")
    told = page.inner_text("#read-told")
    assert told == (
        "2 rows, 2 columns. 1 row left out: more cells than the header has (line 3). "
        "1 row with fewer cells than the header has (line 4)."
    )
    assert [row[:2] for row in rows_of(downloaded(page))[1:]] == [["1", "Good news!"], ["3", ""]]


def test_lines_without_a_header_and_another_column(page: Page, model: linnet.Classifier) -> None:
    pasted(page, "Good news!,so bad\nso bad,Good news!\n")
    page.uncheck("#header")
    expect(page.locator("#read-told")).to_have_text("2 rows, 2 columns.")
    page.select_option("#column", "column_2")
    head, *rows = rows_of(downloaded(page))
    assert head[:3] == ["column_1", "column_2", "label"]
    assert [row[2] for row in rows] == [found.label for found in model(["so bad", "Good news!"])]


def test_the_chart_and_the_preview_say_what_was_found(page: Page, model: linnet.Classifier) -> None:
    texts = ["Good news!", "so bad", "so bad", "The 9:40 to Porto leaves from platform 3."]
    pasted(page, "text\n" + "".join(f"{text}\n" for text in texts))
    downloaded(page)
    counts = Counter(found.label for found in model(texts))
    told = "; ".join(f"{label}: {counts[label]}, {100 * counts[label] / 4:.1f} %" for label in model.labels)
    assert page.get_attribute("#table-chart svg", "aria-label") == f"Labels of 4 rows. {told}."
    widths = page.eval_on_selector_all("#table-chart .fill", "all => all.map(bar => bar.getAttribute('width'))")
    assert [float(width.rstrip("%")) for width in widths] == [25 * counts[label] for label in model.labels]
    rows = [row.locator("td").all_inner_texts() for row in page.locator("#preview tbody tr").all()]
    assert rows == [[found.label, f"{found.score:.3f}", text] for found, text in zip(model(texts), texts, strict=True)]


def test_requests_shrink_until_they_fit_the_server(opened: Opener, model: linnet.Classifier) -> None:
    with running("--threads", "1", "--max-texts", "7", "--max-queue", "60", "--max-body", "2000") as small:
        page = opened(small, failing=True)
        expect(page.locator("#text-model option")).to_have_count(1)
        texts = [f"text number {number}" for number in range(50)]
        pasted(page, "text\n" + "".join(f"{text}\n" for text in [*texts, "x" * 3000]))
        rows = rows_of(downloaded(page, "1 row without an answer. The server refused this (413)"))[1:]
        assert [row[1] for row in rows[:-1]] == [found.label for found in model(texts)]
        assert set(rows[-1][1:]) == {""} and len(rows) == 51


def test_the_page_waits_as_long_as_a_busy_server_asks(opened: Opener, server: Running) -> None:
    answers = iter([429, 503])

    def busy(route: Route) -> None:
        status = next(answers, 0)
        if status:
            headers = {"retry-after": "2", "content-type": "application/json"}
            route.fulfill(status=status, headers=headers, body='{"error": "others wait"}')
        else:
            route.continue_()

    page = opened(server, failing=True)
    expect(page.locator("#table-model option")).to_have_count(3)
    page.route("**/classify", busy)
    pasted(page, "text\nGood news!\n")
    page.click("#table-buttons .first")
    expect(page.locator("#table-told")).to_contain_text("The server is busy: next try in 2 seconds.")
    expect(page.locator("#table-told")).to_have_text("1 row classified.")
    assert next(answers, 0) == 0


def test_a_run_can_be_cancelled_and_its_answers_kept(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "number 256" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/classify", hold)
    pasted(page, "text\n" + "".join(f"number {number}\n" for number in range(300)))
    page.click("#table-buttons .first")
    expect(page.locator("#table-told")).to_have_text("256 of 300 rows.")
    assert page.evaluate("[...document.querySelectorAll('#table-progress')].map(each => [each.value, each.max])") == [
        [256, 300]
    ]
    page.click("#table-cancel")
    expect(page.locator("#table-told")).to_have_text("Cancelled. 256 of 300 rows have answers.")
    with page.expect_download() as download:
        page.click("#download")
    assert len(rows_of(Path(download.value.path()).read_bytes())) == 257
    assert held


def test_a_new_table_ends_the_run(page: Page) -> None:
    page.route("**/classify", lambda route: None)
    pasted(page, "text\nGood news!\n")
    page.click("#table-buttons .first")
    expect(page.locator("#table-told")).to_have_text("0 of 1 row.")
    page.unroute("**/classify")
    page.fill("#paste", "text\nso bad\nso bad\n")
    expect(page.locator("#read-told")).to_have_text("2 rows, 1 column.")
    expect(page.locator("#table-told")).to_be_hidden()
    assert len(rows_of(downloaded(page))) == 3
