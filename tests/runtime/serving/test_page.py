"""The files of the page, without a browser: `tests/page` opens it in one."""

import re
from pathlib import Path

import linnet
from served import Running

FOLDER = Path(linnet.__file__).parent / "serving" / "page"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FILES = sorted(FOLDER.iterdir())


def test_every_file_is_served_as_what_it_is(server: Running) -> None:
    assert len(FILES) > 10
    for file in FILES:
        answer = server.ask("GET", "/" if file.name == "index.html" else f"/page/{file.name}")
        assert (answer.status, answer.content) == (200, file.read_bytes()), file
        assert answer.headers["content-type"] == KINDS[file.suffix]
        assert answer.headers["content-security-policy"].startswith("default-src 'self'; ")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_file_that_is_named_is_there() -> None:
    named = set[str]()
    for file in FILES:
        content = file.read_text(encoding="utf-8")
        named |= set(re.findall(r'(?:src|href)="page/([^"]+)"', content)) | set(
            re.findall(r'from "\./([^"]+)"', content)
        )
    assert named == {file.name for file in FILES} - {"index.html"}


def test_the_page_names_no_other_server_and_makes_no_html_of_texts() -> None:
    forbidden = re.compile(
        r"https?://(?!www\.w3\.org/2000/svg)|[\"'`(]//|innerHTML|outerHTML|insertAdjacentHTML|document\.write"
        r"|eval\(|localStorage|sessionStorage|cookie|\bstyle=|\bon[a-z]+=\"|<style|javascript:"
    )
    for file in FILES:
        assert not (found := forbidden.findall(file.read_text(encoding="utf-8"))), (file, found)


def test_files_and_lines_stay_small() -> None:
    for file in FILES:
        lines = file.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 250 and max(map(len, lines)) <= 180, file
