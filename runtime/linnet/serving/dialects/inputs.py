"""What the dialects share about texts: how they are read, and that ids may stand for a text, which are decoded first."""

from typing import Any, Literal

from ...errors import InputError
from ..call import Call
from ..failures import RequestError
from ..versions.version import Version

Input = str | list[str | int | list[int]]
"""One text or several, each a string or ids; a list of numbers is one text."""

Direction = Literal["left", "right", "Left", "Right"]
"""The end at which a longer text is cut."""


def check_reading(version: Version, *, direction: str | None, prompt: str | None) -> None:
    """Checks that a bundle reads texts as a request asks.

    Raises:
        RequestError: longer texts are to be cut at the other end than the bundle cuts them, or a prompt is asked for.
    """
    side = version.settings.truncation_side
    if direction and direction.lower() != side:
        raise RequestError("invalid", f"expected the truncation_direction of the bundle, {side}, found the other")
    if prompt:
        raise RequestError("invalid", "expected no prompt_name, found one: the bundle has no prompts")


async def texts_of(call: Call, version: Version, given: Input) -> list[str]:
    """Returns the texts.

    Raises:
        RequestError: the list mixes numbers and texts, or there are ids that the model does not have.
    """
    if isinstance(given, str):
        return [given]
    if not any(isinstance(each, (int, list)) for each in given):
        return given  # type: ignore[return-value]
    if all(isinstance(each, int) for each in given):
        return await decoded(call, version, [given])
    if any(isinstance(each, int) for each in given):
        raise RequestError("invalid", "expected texts, or lists of ids, found numbers among them")
    ids = [each for each in given if isinstance(each, list)]
    found = iter(await decoded(call, version, ids))
    return [each if isinstance(each, str) else next(found) for each in given]


async def decoded(call: Call, version: Version, ids: list[Any], *, skip_special_tokens: bool = True) -> list[str]:
    """Returns the texts of ids.

    Raises:
        RequestError: there are too many, the model does not have one, or its tokenizer cannot decode.
    """
    limits = call.service.limits
    if not ids:
        raise RequestError("empty", "expected at least one list of ids, found none")
    if len(ids) > limits.texts:
        raise RequestError("validation", f"expected at most {limits.texts} lists of ids, found {len(ids)}; send fewer")
    most = version.model.bundle.config["vocab_size"]
    if any(not 0 <= each < most for row in ids for each in row):
        raise RequestError("tokenizer", f"expected ids from 0 to {most - 1}, found others")
    try:
        return await call.service.aside(
            lambda: [version.encoder.tokenizer.decode(row, skip_special_tokens=skip_special_tokens) for row in ids]
        )
    except InputError:
        raise RequestError(
            "backend", f"{version.name} has a compact tokenizer, which turns no ids into texts"
        ) from None
