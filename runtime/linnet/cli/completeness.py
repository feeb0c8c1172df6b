"""Counts the texts that have pieces outside a bundle's reduced vocabulary, and reports the count at the end."""

from collections.abc import Callable
from types import TracebackType

from ..bundle.opening import Bundle
from ..notes import tell
from ..tokenization.encoding import Encoding

_AT_ONCE = 128  # texts; encoding them one at a time takes ten times as long


class Completeness:
    """Counts texts that have pieces outside the bundle's vocabulary, and prints a note on exit.

    Does nothing if the bundle has its checkpoint's whole vocabulary. ``encode`` is the model's method.
    """

    def __init__(self, bundle: Bundle, encode: Callable[[list[str]], list[Encoding]]) -> None:
        self._whole, self._encode = bundle.settings.vocabulary is None, encode
        self._texts: list[str] = []
        self._total = self._lacking = 0

    def count(self, text: str) -> None:
        """Counts one more text."""
        if not self._whole:
            self._texts.append(text)
            if len(self._texts) == _AT_ONCE:
                self._flush()

    def _flush(self) -> None:
        self._total += len(self._texts)
        self._lacking += sum(not encoding.complete for encoding in self._encode(self._texts))
        self._texts = []

    def __enter__(self) -> "Completeness":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None or self._whole:
            return
        self._flush()
        if self._lacking:
            tell(
                f"note: {self._lacking} of {self._total} texts have pieces that this bundle's vocabulary lacks: "
                "the answers are not the original's"
            )
