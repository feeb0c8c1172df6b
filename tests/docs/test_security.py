"""SECURITY.md names tests and folders that exist, and is linked from the README."""

import re

from pages import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:tests|scripts)/[^` ]+)", TEXT))
    assert len([name for name in named if name.startswith("tests/")]) > 15
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_promise_names_the_test_that_holds_it() -> None:
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    tables = [section for section in sections if "| promise | held by |" in section]
    assert len(tables) >= 4
    rows = [row for table in tables for row in re.findall(r"^\| (?!promise|-)(.*) \| (.*) \|$", table, re.MULTILINE)]
    assert len(rows) > 15
    assert [promise for promise, held in rows if "`tests/" not in held] == []


def test_it_can_be_found() -> None:
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
