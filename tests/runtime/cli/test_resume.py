"""An interrupted run leaves what is complete, says so, and is continued to the same bytes."""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock

import pytest
from commands import TIMEOUT, Result, Run, attend, ended, names
from linnet.cli.command import run_command
from linnet.cli.formats.rows import Row
from linnet.cli.outputs import saving
from linnet.cli.outputs.partial import Checkpoint, Partial, resumable
from linnet.tokenization.encoding import Tally, TokenIds

if sys.platform == "win32":
    pytest.skip("Windows has no such signals", allow_module_level=True)

CODE = "import sys; from stub import stubbed; sys.exit(stubbed(*sys.argv[1:], pause=0.002))"
SUPPORT = Path(__file__).parents[2] / "support"
PYTHONPATH = os.pathsep.join([str(SUPPORT), *filter(None, [os.environ.get("PYTHONPATH")])])
ROWS = 5000


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with what is hard to count: quotes, line breaks, empty fields, malformed rows."""
    lines = ["\ufeffid,text,label\r\n"]
    for number in range(ROWS):
        text = ("plain", 'say ""hi""', "two\nlines", "", "Ü 🙂")[number % 5]
        lines.append(f'{number},"{text} {number}",x\n' if number % 97 else f'{number},"open,x\n{number}\n')
    (tmp_path / "in.csv").write_bytes("".join(lines).encode())
    return tmp_path / "in.csv"


def start(*argv: str | Path) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "PYTHONPATH": PYTHONPATH}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", CODE, *argv], env=env, preexec_fn=attend, **pipes)  # type: ignore[call-overload,no-any-return]


def finished(*argv: str | Path) -> Result:
    return ended(start(*argv))


def saved(output: Path) -> bytes:
    """What the journal says; nothing if there is none, or no checkpoint yet."""
    try:
        found = Path(f"{output}.partial.journal").read_bytes()
    except FileNotFoundError:
        return b""
    return found if json.loads(found)["done"]["rows"] else b""


def killed(moment: float, number: signal.Signals, *argv: str | Path, output: Path) -> Result:
    """Runs until ``moment`` seconds after the next checkpoint, then sends a signal."""
    before = saved(output)
    process = start(*argv)
    deadline = time.monotonic() + TIMEOUT
    while saved(output) in (before, b"") and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(moment)
    process.send_signal(number)
    return ended(process)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_again_and_again_is_continued_to_the_same_bytes(
    table: Path, suffix: str, number: signal.Signals
) -> None:
    whole, output, bad = table.parent / f"whole.{suffix}", table.parent / f"out.{suffix}", table.parent / "bad.jsonl"
    expected = finished("--input", table, "--output", whole, "--rejects", bad)
    assert expected.status == 0
    rejected = bad.read_bytes()
    moments, stopped = random.Random(f"{suffix} {number}"), 0
    argv = ("--input", table, "--output", output, "--rejects", bad, "--resume")
    for _ in range(10):
        result = killed(moments.random() * 0.05, number, *argv, output=output)
        stopped += result.status != 0
        if result.status == 0:
            output.unlink()
        elif number == signal.SIGTERM:
            assert result.status == 143
            assert "--resume to go on" in result.err
    assert stopped > 5
    last = finished(*argv)
    assert last.status == 0
    assert output.read_bytes() == whole.read_bytes()
    assert bad.read_bytes() == rejected
    assert names(table.parent) == sorted(["bad.jsonl", "in.csv", output.name, whole.name])
    assert [line for line in last.err.splitlines() if "truncated" in line] == [
        line for line in expected.err.splitlines() if "truncated" in line
    ]


@pytest.fixture
def half(table: Path) -> Path:
    """The output of a run that was stopped."""
    output = table.parent / "out.csv"
    result = killed(0.02, signal.SIGTERM, "--input", table, "--output", output, output=output)
    assert result.status == 143
    assert f"texts are answered in {output}.partial: give the same command with --resume to go on" in result.err
    assert names(table.parent) == ["in.csv", "out.csv.partial", "out.csv.partial.journal"]
    return output


def test_what_follows_the_last_checkpoint_is_cut_off(half: Path, table: Path) -> None:
    with Path(f"{half}.partial").open("ab") as stream:
        stream.write(b'9,"half a row')
    assert finished("--input", table, "--output", half, "--resume").status == 0
    assert finished("--input", table, "--output", half.with_name("whole.csv")).status == 0
    assert half.read_bytes() == half.with_name("whole.csv").read_bytes()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--column", "id"], "another column: expected null, found"),
        (["--columns", "id"], 'another columns: expected null, found ["id"]'),
        (["--no-preprocess"], "another no_preprocess"),
        (["--bundle", "copy"], "another bundle"),
    ],
)
def test_another_run_is_not_continued(
    half: Path, table: Path, bundle_copy: Path, options: list[str], told: str
) -> None:
    settings = bundle_copy / "manifest.json"
    settings.write_text(settings.read_text() + "\n")
    options = [str(bundle_copy) if option == "copy" else option for option in options]
    result = finished("--input", table, "--output", half, "--resume", *options)
    assert result.status == 2 and told in result.err
    assert f"{half.name}.partial.journal" in names(half.parent)  # what is there stays


def test_another_input_is_not_continued(half: Path, table: Path) -> None:
    content, times = table.read_bytes(), table.stat()
    table.write_bytes(content.replace(b"plain 5", b"other 5", 1))
    assert "another input" in finished("--input", table, "--output", half, "--resume").err
    os.utime(table, ns=(times.st_atime_ns, times.st_mtime_ns))  # nothing but the texts tells
    result = finished("--input", table, "--output", half, "--resume")
    assert result.status == 2 and "texts that are answered already, found others" in result.err
    assert f"remove {half}.partial to begin again" in result.err


def test_standard_input_is_continued_too(half: Path, table: Path) -> None:
    output = half.with_name("piped.csv")
    argv = ("--format", "csv", "--output", output)
    process = start(*argv)
    assert process.stdin
    content = table.read_bytes()
    process.stdin.write(content[: len(content) // 2])
    process.stdin.flush()
    deadline = time.monotonic() + TIMEOUT
    while not saved(output) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    shorter = ended(start(*argv, "--resume"), content[:60])  # fewer rows than the first checkpoint has
    assert shorter.status == 2 and "found others" in shorter.err
    assert ended(start(*argv, "--resume"), content).status == 0
    assert finished("--input", table, "--output", half, "--resume").status == 0
    assert output.read_bytes() == half.read_bytes()


def test_without_resume_what_is_answered_stays(half: Path, table: Path) -> None:
    partial = Path(f"{half}.partial")
    before, journal = partial.read_bytes(), saved(half)
    result = finished("--input", table, "--output", half)
    assert result.status == 2 and "answered texts of an interrupted run: give --resume to go on" in result.err
    assert f"{partial} has" in result.err and "or remove this file to begin again" in result.err
    assert (partial.read_bytes(), saved(half)) == (before, journal) and not half.exists()
    partial.unlink()
    assert finished("--input", table, "--output", half).status == 0
    assert names(half.parent) == ["in.csv", "out.csv"]


def test_resume_without_anything_to_go_on_with_begins(table: Path) -> None:
    result = finished("--input", table, "--output", table.with_name("out.csv"), "--resume")
    assert result.status == 0 and "there is no interrupted run" in result.err


def test_a_second_run_for_the_same_output_is_refused(table: Path) -> None:
    output = table.with_name("out.csv")
    first = start("--format", "csv", "--output", output)
    while not Path(f"{output}.partial").exists() and first.poll() is None:
        time.sleep(0.002)
    second = finished("--input", table, "--output", output)
    assert second.status == 2 and "another process writes" in second.err
    assert ended(first, table.read_bytes()).status == 0
    assert names(table.parent) == ["in.csv", "out.csv"]


def test_a_disk_that_fills_up_leaves_what_is_complete(table: Path) -> None:
    output = table.with_name("out.csv")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
    env = {**os.environ, "PYTHONPATH": PYTHONPATH}
    command = [sys.executable, "-c", limit + CODE, "--input", str(table), "--output", str(output)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=TIMEOUT)
    assert done.returncode == 1 and "File too large" in done.stderr and "--resume to go on" in done.stderr
    assert json.loads(Path(f"{output}.partial.journal").read_text())["done"]["rows"] > 0
    assert finished("--input", table, "--output", output, "--resume").status == 0
    assert finished("--input", table, "--output", table.with_name("whole.csv")).status == 0
    assert output.read_bytes() == table.with_name("whole.csv").read_bytes()


@pytest.mark.parametrize("output", [None, "/dev/stdout", "out.parquet"])
def test_what_cannot_be_continued_is_refused(run: Run, table: Path, output: str | None) -> None:
    if output == "out.parquet":
        pytest.importorskip("pyarrow")
    argv = ["--output", output] if output else []
    result = run("classify", "--input", table, *argv, "--resume")
    assert result.status == 2 and "--resume cannot go on with" in result.err


def test_a_link_in_the_place_of_the_partial_file_is_not_followed(run: Run, table: Path) -> None:
    victim, output = table.with_name("victim"), table.with_name("out.csv")
    victim.write_text("precious")
    Path(f"{output}.partial").symlink_to(victim)
    assert run("classify", "--input", table, "--output", output).status == 2
    assert victim.read_text() == "precious"


def test_a_file_of_the_user_in_the_place_of_the_partial_file_is_kept(run: Run, table: Path) -> None:
    output, precious = table.with_name("out.csv"), table.with_name("out.csv.partial")
    precious.write_text("precious")
    for resume in ([], ["--resume"]):
        result = run("classify", "--input", table, "--output", output, *resume)
        assert result.status == 2 and f"{precious} is in the way" in result.err and "move or remove it" in result.err
        assert precious.read_text() == "precious" and names(table.parent) == ["in.csv", "out.csv.partial"]


def test_a_run_that_is_killed_before_its_first_checkpoint_is_begun_again(table: Path) -> None:
    output = table.with_name("out.csv")
    first = start("--format", "csv", "--output", output)
    while not Path(f"{output}.partial.journal").exists() and first.poll() is None:
        time.sleep(0.002)
    first.kill()
    ended(first)
    with Path(f"{output}.partial").open("ab") as stream:
        stream.write(b"id,te")
    assert finished("--input", table, "--output", output).status == 0
    assert names(table.parent) == ["in.csv", "out.csv"]


@pytest.mark.parametrize(("seconds", "most"), [(0.02, 100), (0.001, 2000)])
def test_a_slow_model_is_saved_every_few_seconds(monkeypatch: pytest.MonkeyPatch, seconds: float, most: int) -> None:
    """It answers all texts of a part before it gives the first answer; a fast one gets them in few parts."""
    now, saved_at, tally = 0.0, [0.0], Tally()
    monkeypatch.setattr(saving, "monotonic", lambda: now)
    partial = Mock(Partial, start=Checkpoint(), stream=Mock())
    partial.save = lambda checkpoint: saved_at.append(now)
    writer = saving.Saving(Mock(), partial, tally)
    sizes = []
    for part in writer.remaining([iter([Row(number, "text") for number in range(6000)])]):
        read = list(part)
        sizes.append(len(read))
        now += seconds * len(read)
        tally.add(TokenIds([], False) for _ in read)
        for row in read:
            writer.write(row, None)
    assert sum(sizes) == 6000 and 0.95 * most <= max(sizes) <= most  # small parts cost time
    assert len(saved_at) > 2 and max(after - before for before, after in pairwise(saved_at)) < 2 * saving.EVERY


def test_a_very_slow_model_is_saved_after_each_text(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(saving, "monotonic", lambda: now)
    sizes = []
    for part in saving.Saving(Mock(), Mock(Partial, start=Checkpoint()), Tally()).remaining([iter([Row(1, "a")] * 20)]):
        sizes.append(len(list(part)))
        now += 1.5 * sizes[-1]
    assert sizes == [8, *[1] * 12]


def test_an_interrupt_of_the_calling_program_is_told_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: argparse.Namespace) -> int:
        with resumable(tmp_path / "out.csv", {}, resume=False) as partial:
            partial.save(Checkpoint(1))
            raise KeyboardInterrupt

    assert run_command(argparse.Namespace(load=lambda: interrupted), "linnet") == 130
    err = capsys.readouterr().err
    assert "--resume to go on" in err and err.endswith("linnet: interrupted\n")
