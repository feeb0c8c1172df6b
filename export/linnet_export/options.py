"""The options of a conversion, and their defaults."""

from collections.abc import Sequence
from typing import TypedDict, cast

from linnet_export.schemes import PER_TOKEN


class Options(TypedDict, total=False):
    """The options of a conversion. An option that is left out or None follows the recipe or the checkpoint."""

    recipe: str | None
    """The name of a recipe, or a ``.toml`` file; by default the recipe for the hub id."""
    revision: str | None
    """A branch, tag or commit on the hub."""
    task: str | None
    """``text-classification`` or ``feature-extraction``; by default what the checkpoint was made for."""
    preprocessing: str | None
    """The preset for users' texts; by default the recipe's, else ``none``."""
    pooling: str | None
    """``mean``, ``cls`` or ``max``, for embeddings; by default the checkpoint's, else ``mean``."""
    normalize: bool | None
    """True if the vectors of texts have length 1; by default the checkpoint's choice."""
    quantization: str
    """``per-token`` (default), or ``per-tensor`` for runtimes without onnxruntime's own operators."""
    embedding_bits: int
    """8 (default), or 4 for a smaller file and somewhat less exact answers; only with ``per-token``."""
    scripts: Sequence[str]
    """Unicode's names of scripts to keep in the vocabulary; every single character stays."""
    vocabulary_from: Sequence[str] | None
    """Texts whose pieces stay in the vocabulary, besides those in ``scripts``; 200 of them are also checked."""
    internals: bool
    """True to add a graph of hidden states and attentions, for ``model.internals``; only with ``per-token``."""
    offline: bool
    """True to use only the hub's cache, and open no connection."""
    accept_licence: bool
    """True if somebody answers for the use of a checkpoint that is not free for every use."""
    texts: Sequence[str]
    """Texts to check parity on, besides the built-in ones."""
    overwrite: bool
    """True to replace a bundle at the output."""
    silent: bool
    """True (default) to show no progress on standard error."""


_DEFAULTS: Options = {"quantization": PER_TOKEN, "embedding_bits": 8, "scripts": (), "texts": (), "silent": True}


def complete(options: Options) -> Options:
    """Returns the options with the defaults of those that are left out or None.

    Raises:
        TypeError: there is no such option.
    """
    if unknown := options.keys() - Options.__annotations__.keys():
        raise TypeError(f"expected options of a conversion, found {', '.join(sorted(unknown))}")
    given = {name: value for name, value in options.items() if value is not None}
    return cast(Options, {**_DEFAULTS, **given})
