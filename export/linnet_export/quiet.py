"""Silences the messages of other libraries."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator

from transformers.utils.logging import disable_progress_bar, enable_progress_bar, is_progress_bar_enabled


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silences warnings and output of libraries inside the context; errors are still raised.

    This includes transformers' false warning about XLM-R tokenizers in local folders
    (``fix_mistral_regex``).
    """
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    progress_bars = is_progress_bar_enabled()
    disable_progress_bar()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
        if progress_bars:
            enable_progress_bar()
