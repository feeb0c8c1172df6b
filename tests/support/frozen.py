"""Programs that another tool froze with Linnet in them: where they are put, and what they must answer."""

import subprocess
from pathlib import Path

ELSEWHERE = Path("Jörg Müller", "Programme (x86)", "Stimmung – 感情")
"""A folder with spaces and letters that are not ASCII, as users of Windows have."""


def check_frozen(program: Path, **env: str) -> None:
    """Runs a frozen program where nothing is installed, and checks its answers."""
    texts = ["Good news!", *(f"so bad, number {number}" for number in range(70))]
    done = subprocess.run(
        [program, *texts], cwd=program.parents[1], env=env, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["positive", *["negative"] * 70]
