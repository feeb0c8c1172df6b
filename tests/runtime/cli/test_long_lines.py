"""A line of any length is answered in memory of a few times the line, and what was left out is said."""

import subprocess
import sys
from pathlib import Path

import linnet
import pytest
from linnet.tokenization.cutting import MOST

SIZE = 20_000_000

_PEAK = """
import resource, sys
from linnet.cli import main
status = main.main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


def peak(*arguments: str | Path, stdin: bytes = b"") -> int:
    """Classifies, and returns the process's greatest memory in bytes."""
    command = [sys.executable, "-c", _PEAK, "classify", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=True)
    kilobytes = int(done.stderr.split()[-1])
    return kilobytes * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("unit", [b"words ", b"a", b" ", b"1 "])
def test_a_long_line_takes_a_few_times_its_size(unit: bytes, tmp_path: Path) -> None:
    file = tmp_path / "line.txt"
    file.write_bytes(unit * (SIZE // len(unit)) + b"\n")
    least = peak(stdin=b"a line\n")
    assert peak(stdin=file.read_bytes()) - least < 10 * SIZE
    assert peak("--input", file, "--output", tmp_path / "out.csv") - least < 10 * SIZE


def test_what_is_beyond_the_most_characters_counts_as_truncated(model: linnet.Classifier) -> None:
    within, beyond = model.encode([" " * MOST, " " * MOST + "good"])
    assert within.ids == beyond.ids  # white space has no tokens here
    assert (within.truncated, beyond.truncated) == (False, True)
    assert [found.truncated for found in model([" " * MOST, " " * MOST + "good"])] == [False, True]
