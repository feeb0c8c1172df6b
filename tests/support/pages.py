"""The pages for users: their blocks of code, and the commands that they name."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")


def pages() -> list[Path]:
    """All Markdown files except the changelog, which speaks of what was."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True
    )
    names = [name for name in listed.stdout.decode().split("\0") if name and name != "CHANGELOG.md"]
    return [ROOT / name for name in sorted(names) if (ROOT / name).is_file()]


def blocks(page: Path, language: str) -> list[str]:
    """A page's fenced blocks in a language; ``""`` is for the shell."""
    return [text for found, text in _FENCED.findall(page.read_text(encoding="utf-8")) if found == language]


def inline(page: Path) -> list[str]:
    """What a page sets as code within its sentences."""
    return [found.strip() for found in _INLINE.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))]


@dataclass(frozen=True)
class Command:
    """A command line: the program's name without its folder, and its arguments."""

    program: str
    arguments: list[str]

    def __str__(self) -> str:
        return shlex.join([self.program, *self.arguments])


def commands(shell: str) -> Iterator[Command]:
    """The commands of a block of shell lines, each part of a pipeline by itself; ``$ `` marks those with output."""
    for line in shell.replace("\\\n", " ").splitlines():
        yield from _of_line(line.removeprefix("$ "))


def _of_line(line: str) -> Iterator[Command]:
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|;>")
    except ValueError:
        return
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|;>&") and word:
            while words and re.fullmatch(r"\w+=.*", words[0]):
                del words[0]
            if words:
                yield Command(_name(words[0]), words[1:])
            words = []
        else:
            words.append(word)


def _name(word: str) -> str:
    """The name of a program in a virtual environment; other paths stay as they are."""
    return word.rpartition("/")[2] if "/bin/" in word else word
