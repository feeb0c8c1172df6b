"""Two runs with one output, and interrupts between any two steps: no run loses or damages what is another's."""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from commands import names
from linnet.cli.outputs import partial as module
from linnet.cli.outputs.partial import Checkpoint, Partial, resumable
from linnet.errors import InputError
from linnet.system import temporary

fcntl = pytest.importorskip("fcntl", reason="Windows locks no files")
ROWS = b"row 1\nrow 2\n"
DONE = Checkpoint(2, len(ROWS), "digest")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


def opened(stack: ExitStack, output: Path, *, resume: bool = False) -> Partial:
    return stack.enter_context(resumable(output, {}, resume=resume))


def written(stack: ExitStack, output: Path) -> Partial:
    """A run that has two rows on the disk."""
    partial = opened(stack, output)
    partial.stream.write(ROWS)
    partial.stream.flush()
    partial.save(DONE)
    return partial


def interrupted(output: Path) -> None:
    """Leaves the part of a run."""
    with pytest.raises(KeyboardInterrupt), ExitStack() as stack:
        written(stack, output)
        raise KeyboardInterrupt


def before(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, then: Callable[..., object], *, after: bool = False
) -> None:
    """Calls something once, just before or after a function."""
    real, calls = getattr(owner, name), [then]

    def patched(*args: Any, **options: Any) -> Any:
        if calls and not after:
            calls.pop()(*args)
        found = real(*args, **options)
        if calls and after:
            calls.pop()(*args)
        return found

    monkeypatch.setattr(owner, name, patched)


def part(output: Path) -> Path:
    return output.with_name("out.csv.partial")


def journal(output: Path) -> Path:
    return output.with_name("out.csv.partial.journal")


def test_a_file_stays_locked_until_it_has_its_name(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = list[str]()

    def second(*_: object) -> None:
        with pytest.raises(InputError) as caught, resumable(output, {}, resume=True):
            pass
        refused.append(str(caught.value))

    before(monkeypatch, module, "put_in_place", second)
    with ExitStack() as stack:
        written(stack, output)
    assert "another process writes" in refused[0]
    assert output.read_bytes() == ROWS and names(output.parent) == ["out.csv"]


def test_a_run_that_begins_when_the_file_got_its_name_keeps_its_own(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as others:
        before(monkeypatch, module, "put_in_place", lambda *_: written(others, output), after=True)
        with ExitStack() as stack:
            written(stack, output)
        assert names(output.parent) == ["out.csv", "out.csv.partial", "out.csv.partial.journal"]
        assert part(output).read_bytes() == ROWS and json.loads(journal(output).read_text())["done"]["rows"] == 2


@pytest.mark.parametrize("name", ["open", "flock"])
def test_what_ends_while_another_run_opens_it_is_not_continued(
    output: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    first = ExitStack()
    written(first, output)
    with ExitStack() as stack:
        with monkeypatch.context() as patched:
            before(patched, os if name == "open" else fcntl, name, lambda *_: first.close())
            if name == "flock":
                with pytest.raises(InputError, match="another process writes"):
                    opened(stack, output, resume=True)
                return
            second = opened(stack, output, resume=True)
        assert output.read_bytes() == ROWS
        assert second.start == Checkpoint() and part(output).read_bytes() == b""


def test_an_interrupt_before_the_lock_removes_nothing_of_another_run(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run begins when this one has seen that there is no partial file."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with ExitStack() as first:

        def begin(*_: object) -> None:
            written(first, output)
            before(patched, fcntl, "flock", interrupt)

        with monkeypatch.context() as patched:
            before(patched, os, "open", begin)
            with pytest.raises(KeyboardInterrupt), resumable(output, {}, resume=False):
                pass
        assert part(output).read_bytes() == ROWS and journal(output).exists()


def test_a_refused_run_does_not_say_that_nothing_is_left(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal may come just before it is refused."""
    interrupted(output)
    said = list[object]()
    before(monkeypatch, Partial, "_read_journal", lambda *_: said.append(temporary.clean_up()))
    with pytest.raises(InputError, match="give --resume"), resumable(output, {}, resume=False):
        pass
    assert said == [[""]] and part(output).read_bytes() == ROWS


def test_a_link_that_leads_nowhere_stays(output: Path) -> None:
    part(output).symlink_to("nowhere")
    with pytest.raises(InputError, match="cannot write"), resumable(output, {}, resume=False):
        pass
    assert part(output).is_symlink() and names(output.parent) == ["out.csv.partial"]


def test_a_link_in_the_place_of_the_new_journal_is_not_followed(output: Path) -> None:
    victim = output.with_name("victim")
    victim.write_text("precious")
    output.with_name("out.csv.partial.journal~").symlink_to(victim)
    with pytest.raises(InputError, match="cannot write"), resumable(output, {}, resume=False):
        pass
    assert victim.read_text() == "precious" and names(output.parent) == ["out.csv.partial.journal~", "victim"]


DAMAGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no JSON": lambda _: "{",
    "another format": lambda found: {**found, "format": 2},
    "no run": lambda found: {**found, "done": {}, "run": None},
    "more bytes than there are": lambda found: {**found, "done": {**found["done"], "size": len(ROWS) + 1}},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("resume", [False, True])
def test_a_damaged_journal_costs_no_answers(
    output: Path, damage: Callable[[dict[str, Any]], object], resume: bool
) -> None:
    interrupted(output)
    damaged = damage(json.loads(journal(output).read_text()))
    journal(output).write_text(damaged if isinstance(damaged, str) else json.dumps(damaged))
    with pytest.raises(InputError) as caught, resumable(output, {}, resume=resume):
        pass
    assert str(journal(output)) in str(caught.value)
    assert f"{part(output)} cannot be continued; move or remove it to begin again" in str(caught.value)
    assert part(output).read_bytes() == ROWS
    part(output).unlink()
    with ExitStack() as stack:
        written(stack, output)
    assert output.read_bytes() == ROWS and names(output.parent) == ["out.csv"]


def test_a_journal_that_cannot_be_read_costs_no_answers(output: Path) -> None:
    interrupted(output)
    journal(output).unlink()
    journal(output).mkdir()
    with pytest.raises(InputError, match="cannot be continued"), resumable(output, {}, resume=True):
        pass
    assert part(output).read_bytes() == ROWS


def test_files_are_closed_before_they_are_removed(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows removes no open file."""
    closed = list[bool]()
    before(monkeypatch, Partial, "leave", lambda partial: closed.append(partial.stream.closed))
    with pytest.raises(RuntimeError), ExitStack() as stack:
        opened(stack, output)
        raise RuntimeError
    assert closed == [True] and names(output.parent) == []


def test_an_interrupt_before_a_complete_file_has_its_name_completes_it(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, module, "put_in_place", lambda *_: temporary.clean_up())
    with pytest.raises(FileNotFoundError), ExitStack() as stack:  # the process has ended by then
        written(stack, output)
    assert output.read_bytes() == ROWS and "out.csv.partial" not in names(output.parent)


def test_a_complete_file_that_cannot_get_its_name_can_be_continued(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no such luck")

    before(monkeypatch, module, "put_in_place", fail)
    with pytest.raises(OSError, match="no such luck"), ExitStack() as stack:
        written(stack, output)
    assert "--resume to go on" in capsys.readouterr().err
    with ExitStack() as stack:
        assert opened(stack, output, resume=True).start == DONE
    assert output.read_bytes() == ROWS and names(output.parent) == ["out.csv"]


def test_a_partial_file_that_was_removed_is_told(output: Path) -> None:
    with pytest.raises(InputError, match="was removed while it was written"), ExitStack() as stack:
        written(stack, output)
        part(output).unlink()


def test_a_file_with_other_names_gets_the_answers(output: Path) -> None:
    """They are copied into it, and the partial file is removed."""
    output.write_bytes(b"before")
    os.link(output, output.with_name("other.csv"))
    with ExitStack() as stack:
        written(stack, output)
    assert output.with_name("other.csv").read_bytes() == ROWS and names(output.parent) == ["other.csv", "out.csv"]
