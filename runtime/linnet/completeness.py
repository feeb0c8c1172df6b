"""Texts of which a smaller vocabulary lacks pieces: counted as they go by, and told of at the end."""

import sys
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType

from linnet.bundle import Bundle
from linnet.encoding import Encoding


class Completeness:
    """Tells standard error how many of the texts are not wholly in the vocabulary, where a bundle has not all of it.

    ``encode`` is the model's.
    """

    def __init__(self, bundle: Bundle, encode: Callable[[str], list[Encoding]]) -> None:
        self._whole, self._encode = bundle.settings.vocabulary is None, encode
        self._total = self._lacking = 0

    def counted(self, texts: Iterable[str]) -> Iterable[str]:
        """The same texts."""
        return texts if self._whole else self._counted(texts)

    def _counted(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            (encoding,) = self._encode(text)
            self._total += 1
            self._lacking += not encoding.complete
            yield text

    def __enter__(self) -> "Completeness":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lacking and kind is None:
            print(
                f"note: {self._lacking} of {self._total} texts have pieces that this bundle's vocabulary lacks: "
                "the answers are not the original's",
                file=sys.stderr,
            )
