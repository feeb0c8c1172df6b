"""The fuzzers, in short: no bundle that is spoilt at random ends the process, hangs, or raises a raw error."""

import random
from pathlib import Path

import pytest
from fuzzing.fuzzers import FUZZERS, Fuzzer
from fuzzing.running import run

INPUTS = 60
SECONDS = 10.0
MEMORY = 600e6


@pytest.mark.parametrize("fuzzer", FUZZERS, ids=lambda fuzzer: fuzzer.name)
def test_every_spoilt_bundle_is_answered_or_refused(fuzzer: Fuzzer) -> None:
    figures = run(fuzzer, INPUTS, seed=1)
    assert figures.faults == []
    assert figures.answered + figures.refused == figures.inputs == INPUTS
    assert figures.refused > INPUTS / 10
    assert (figures.seconds < SECONDS, figures.memory < MEMORY) == (True, True)


@pytest.mark.parametrize("fuzzer", FUZZERS, ids=lambda fuzzer: fuzzer.name)
def test_what_is_not_spoilt_is_answered(fuzzer: Fuzzer) -> None:
    figures = run(Fuzzer(fuzzer.name, fuzzer.prepare, lambda bundle, chance: None), 1, seed=0)
    assert (figures.answered, figures.faults) == (1, [])


def test_a_crash_a_hang_and_a_raw_error_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "target.py"
    target.write_text(
        "import os, sys, time\n"
        "for number, line in enumerate(sys.stdin):\n"
        "    kind = open(line.strip() + '/kind').read()\n"
        "    os.abort() if kind == 'crash' else time.sleep(60) if kind == 'hang' else None\n"
        "    print('[\"ValueError: raw\", 0.5, 1000]', flush=True)\n"
    )
    monkeypatch.setattr("fuzzing.running.TARGET", target)
    monkeypatch.setattr("fuzzing.running.PATIENCE", 2.0)
    kinds = iter(["crash", "raw", "hang", "raw"])

    def spoil(bundle: Path, chance: random.Random) -> None:
        (bundle / "kind").write_text(next(kinds))

    figures = run(Fuzzer("fake", lambda folder: folder.mkdir(), spoil), 4, seed=0)
    assert (figures.inputs, figures.crashes, figures.hangs, len(figures.faults)) == (4, 1, 1, 4)
    assert "1 crashes, 1 hangs, 4 faults" in figures.line()
