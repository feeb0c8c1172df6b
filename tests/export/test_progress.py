"""Progress goes to standard error, and nowhere if that is closed."""

import sys

import pytest
from linnet.notes import tell
from linnet_export.progress import Steps


def test_steps_and_notes_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps(1)
    with steps.step("reading it"):
        pass
    steps.note("a remark")
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("[1/1] reading it … ") and err.endswith("note: a remark\n")


def test_nothing_goes_to_standard_output_where_standard_error_is_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    steps = Steps(1)
    with steps.step("reading it"):
        pass
    steps.note("a remark")
    tell("a message")  # which the hub's client uses too
    monkeypatch.undo()
    assert capsys.readouterr() == ("", "")
