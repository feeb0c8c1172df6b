"""The process under test: reads bundles' folders from standard input, and prints what became of each.

It has limits on memory, so that a bundle that takes too much ends in an error or in the end of this process.
"""

import json
import resource
import sys
import time
from pathlib import Path

import linnet
from linnet.bundle.integrity import verify
from linnet.bundle.opening import open_bundle
from linnet.cli.commands.info import describe
from linnet.errors import LinnetError

MEMORY = 4 << 30
"""The most bytes of address space; an idle session maps one."""
TEXTS = ["", "Good news!", "@someone see https://t.co/abc 🙂 é ①", "abc ab " * 100, "a" * 3000]


KEY_FILE = "signer.pub"
"""The file beside a bundle with the public key that must have signed it, if there is one."""


def outcome(folder: str) -> str:
    """Returns "answered", "refused", or the error that is not one of Linnet's."""
    try:
        describe(open_bundle(folder))
        list(verify(open_bundle(folder).path))
        key = Path(folder).with_name(KEY_FILE)
        model = linnet.load(folder, threads=1, key=key if key.exists() else None)
        model(TEXTS)
        model.encode(TEXTS)
    except LinnetError:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    return "answered"


def peak() -> int:
    """Returns the most bytes of memory that this process had; ``getrusage`` would include the parent's."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    """Answers one line for each folder, until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        start = time.monotonic()
        found = outcome(line.rstrip("\n"))
        print(json.dumps([found, time.monotonic() - start, peak()]), flush=True)


if __name__ == "__main__":
    main()
