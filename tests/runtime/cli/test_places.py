"""No command writes over what it reads, nor two outputs into one file."""

from pathlib import Path

import pytest
from commands import Run, names

TABLE = "text,label\na good text,positive\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a file to read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "link.csv").symlink_to("t.csv")
    return tmp_path


@pytest.mark.parametrize("place", ["t.csv", "./t.csv", "{here}/t.csv", "link.csv"])
@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("internals", ["--rejects"]),
        ("internals", ["--html"]),
        ("explain", ["--html"]),
        ("explain", ["--rejects"]),
        ("explain", ["--output"]),
        ("evaluate", ["--html"]),
        ("evaluate", ["--rejects"]),
    ],
)
def test_what_is_read_is_not_overwritten(
    run: Run, tiny: Path, here: Path, command: str, options: list[str], place: str
) -> None:
    before = names(here)
    argv = [str(tiny)] if command == "internals" else []
    argv += ["--data" if command == "evaluate" else "--input", "t.csv", *options, place.format(here=here)]
    found = run(command, *argv)
    assert found.status == 2 and "and would overwrite it: name another file" in found.err and not found.out
    assert (here / "t.csv").read_text() == TABLE and names(here) == before


@pytest.mark.parametrize(
    ("command", "outputs", "told"),
    [
        ("explain", ["--output", "o.csv", "--html", "o.csv"], "--html o.csv is also the file of --output"),
        ("explain", ["--output", "o.csv", "--html", "{here}/o.csv"], "o.csv is also the file of --output"),
        ("explain", ["--rejects", "p", "--html", "p"], "--html p is also the file of --rejects"),
        ("explain", ["--output", "o.csv", "--rejects", "./o.csv"], "--rejects o.csv is also the file of --output"),
        ("internals", ["--output", "o.npz", "--html", "o.npz"], "--html o.npz is also the file of --output"),
        ("internals", ["--rejects", "p", "--html", "p"], "--html p is also the file of --rejects"),
        ("evaluate", ["--rejects", "p", "--html", "p"], "--html p is also the file of --rejects"),
    ],
)
def test_two_outputs_are_two_files(
    run: Run, tiny: Path, here: Path, command: str, outputs: list[str], told: str
) -> None:
    before = names(here)
    argv = [str(tiny)] if command == "internals" else []
    argv += ["--data" if command == "evaluate" else "--input", "t.csv", *(each.format(here=here) for each in outputs)]
    found = run(command, *argv)
    assert found.status == 2 and told in found.err and not found.out
    assert names(here) == before


def test_of_texts_that_are_arguments_two_outputs_are_two_files_too(run: Run, here: Path) -> None:
    found = run("explain", "a text", "--output", "o.csv", "--html", "o.csv")
    assert found.status == 2 and "is also the file of --output" in found.err


def test_a_device_can_be_named_twice(run: Run, here: Path) -> None:
    found = run("explain", "--input", "t.csv", "--rejects", "/dev/null", "--html", "/dev/null")
    assert found.status == 0


def test_labels_are_not_overwritten(run: Run, here: Path) -> None:
    for file, content in (("x_text.txt", "a good text\n"), ("x_labels.txt", "positive\n")):
        (here / file).write_text(content)
    for labels in ([], ["--labels", "x_labels.txt"]):
        found = run("evaluate", "--data", "x_text.txt", *labels, "--html", here / "x_labels.txt")
        assert found.status == 2 and "is also the labels" in found.err
    assert (here / "x_labels.txt").read_text() == "positive\n"


def test_labels_are_another_file_than_the_texts(run: Run, here: Path) -> None:
    (here / "x.txt").write_text("a good text\n")
    found = run("evaluate", "--data", "x.txt", "--labels", here / "x.txt")
    assert found.status == 2 and "expected a file with one label per line, found the texts' own" in found.err
