"""A text → its `Internals`: what all models share."""

from ..errors import TextTypeError
from ..pipeline import Encoder
from ..postprocessing.internals import Internals


def internals_of(encoder: Encoder, text: str, *, preprocess: bool) -> Internals:
    """Returns the hidden states and attentions of a text.

    Raises:
        InputError: the bundle has no graph of its internals.
        TextTypeError: the text is not a ``str``.
        TextValueError: the text has a lone surrogate.
    """
    if not isinstance(text, str):
        raise TextTypeError(f"expected one text, a str, found {type(text).__name__}; give the texts one by one")
    encoding, arrays = encoder.internals(text, preprocess=preprocess)
    return Internals(
        text=text,
        tokens=encoding.tokens,
        offsets=encoding.offsets,
        hidden_states=arrays.hidden_states[0],
        attentions=arrays.attentions[0],
        truncated=encoding.truncated,
    )
