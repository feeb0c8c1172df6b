"""What all models share: an encoder, and what can be asked of it alone."""

from typing import ClassVar

from ..bundle.opening import Bundle
from ..errors import TextTypeError
from ..pipeline import Encoder
from ..postprocessing.internals import Internals
from ..texts import Texts
from ..tokenization.encoding import Encoding
from .portable import Portable


class Model(Portable):
    """An encoder with the bundle that it was made from."""

    task: ClassVar[str]
    """The task of the bundles that it reads."""

    def __init__(self, bundle: Bundle, *, threads: int | None = None, cache: int | None = None) -> None:
        super().__init__(bundle, threads=threads, cache=cache)
        self._encoder = Encoder(bundle, task=self.task, threads=threads, cache=cache)

    @property
    def encoder(self) -> Encoder:
        """The steps from texts to what the graph returns, for programs that make their own batches."""
        return self._encoder

    def encode(self, texts: Texts, *, preprocess: bool = True) -> list[Encoding]:
        """Returns each text's encoding; offsets point into the text as the caller gave it."""
        return self._encoder.encode(texts, preprocess=preprocess)

    def internals(self, text: str, *, preprocess: bool = True) -> Internals:
        """Returns the hidden states and attentions of a text, with its tokens and offsets; texts are given one by one.

        Only bundles that were converted with ``--internals`` have them. The first call loads the second graph, which
        takes as much time and memory as loading the model.

        Args:
            text: one text; if it is longer than the model reads, it is truncated as in `encode`.
            preprocess: False if the text is already preprocessed as the checkpoint expects.

        Raises:
            InputError: the bundle was converted without ``--internals``.
            TextTypeError: the text is not a ``str``.
            TextValueError: the text has a lone surrogate.
        """
        if not isinstance(text, str):
            raise TextTypeError(f"expected one text, a str, found {type(text).__name__}; give the texts one by one")
        encoding, arrays = self._encoder.internals(text, preprocess=preprocess)
        return Internals(
            text=text,
            tokens=encoding.tokens,
            offsets=encoding.offsets,
            hidden_states=arrays.hidden_states[0],
            attentions=arrays.attentions[0],
            truncated=encoding.truncated,
        )
