"""Counts what a user may not expect in an input, and reports it once all of it is read."""

from dataclasses import dataclass

from ...notes import counted, tell


@dataclass(frozen=True)
class Remark:
    """What is remarkable, as it is said of one and of several, and what to do about it."""

    one: str
    several: str
    remedy: str = ""


EMPTY = Remark("text is empty", "texts are empty")
NUL = Remark(
    "text has NUL characters",
    "texts have NUL characters",
    "; if the input is UTF-16, convert it: iconv -f utf-16le -t utf-8",
)
SHORT = Remark(
    "row has fewer fields than the header", "rows have fewer fields than the header", "; a missing text is empty"
)
LONG = Remark(
    "row has more fields than the header", "rows have more fields than the header", "; a text with a tab ends at it"
)
BLANK = Remark("blank line is no row", "blank lines are no rows", '; write an empty text as ""')
REPLACED = Remark("line is not UTF-8", "lines are not UTF-8", "; U+FFFD replaces the bytes that cannot be decoded")

DROPPED = Remark(
    "object has keys that the first object lacks",
    "objects have keys that the first object lacks",
    "; they are left out: name them with --columns, or write JSON lines",
)


class Remarks:
    """Counts the remarks on one input, and keeps the line of each one's first place."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._counts: dict[Remark, int] = {}
        self._first: dict[Remark, int] = {}
        self.texts = 0

    def add(self, remark: Remark, line: int) -> None:
        """Counts the remark once more, for a line."""
        self._counts[remark] = self._counts.get(remark, 0) + 1
        self._first.setdefault(remark, line)

    def count(self, line: int, text: str) -> None:
        """Counts a text, and remarks on what it has."""
        self.texts += 1
        if not text or text.isspace():
            self.add(EMPTY, line)
        if "\0" in text:
            self.add(NUL, line)

    def tell(self) -> None:
        """Prints a note to standard error for each remark, and one if the input has no texts."""
        for remark, count in self._counts.items():
            place = f"{'the first ' if count > 1 else ''}in line {self._first[remark]}"
            tell(f"note: {self.name}: {counted(count, remark.one, remark.several)}, {place}{remark.remedy}")
        if not self.texts:
            tell(f"note: {self.name} has no texts")
