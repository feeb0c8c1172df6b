"""The labels of a data set → the labels of a model."""

import shlex
from collections.abc import Mapping, Sequence

from ...errors import InputError
from ...fields import meant, shown

_ANY = "LABEL"  # stands in a message for a label of the model


class Naming:
    """Finds the model's label that a label of the data means.

    A label of the data is the model's label in any case (``Positive``), its id (``2``, or ``2.0``, which pandas writes
    for a column with gaps), or the name that a checkpoint without names has for it (``LABEL_2``). Ids are not read where
    the model's own labels are numbers.

    Args:
        labels: the model's labels, in the order of the logits.
        renamed: by the data's label, the model's; other spellings of the same kind are understood too.

    Raises:
        InputError: ``renamed`` gives a label that the model does not have.
    """

    def __init__(self, labels: Sequence[str], renamed: Mapping[str, str] | None = None) -> None:
        self.labels = tuple(labels)
        self._known = _spellings(self.labels)
        for old, new in (renamed or {}).items():
            found = self._find(new)
            if found is None:
                remedy = meant(new, self.labels, "name a label of the model")
                raise InputError(
                    f"expected {old!r} to be renamed to one of {', '.join(self.labels)}, found {new!r}; {remedy}"
                )
            self._known[old] = found

    def find(self, label: str | int) -> int | None:
        """Returns the index of the model's label; None if the model has no such label."""
        return self._find(str(label))

    def unknown(self, label: str | int, place: str) -> InputError:
        """Returns the error for a label that the model does not have; ``place`` says where it is."""
        shown = ", ".join(f"{name} ({index})" for index, name in enumerate(self.labels))
        if is_missing(label):
            return InputError(
                f"{place}: expected one of the model's labels, {shown}, found none; "
                "leave out such rows with --skip-unknown"
            )
        return InputError(
            f"{place}: expected one of the model's labels, {shown}, found {label!r}; "
            f"say which it is with --map {shlex.quote(f'{label}={self._guess(str(label)) or _ANY}')} (in Python: names), "
            "or leave out such rows with --skip-unknown"
        )

    def resembles(self, label: str | int) -> bool:
        """Returns whether a label is the model's, or starts as one of the model's does."""
        return self._find(str(label)) is not None or self._guess(str(label)) is not None

    def foreign(self, label: str | int, place: str, known: int, count: int, remedy: str) -> InputError:
        """Returns the error for a value among many that are no labels of the model.

        Args:
            label: the value.
            place: where it is.
            known: how many values are labels of the model.
            count: how many values there are.
            remedy: what to do.
        """
        return InputError(
            f"{place}: expected one of the model's labels, {', '.join(self.labels)}, found {shown(label)}, and "
            f"{known:,} of {count:,} values look like labels of the model; {remedy}; or say what each "
            "means with --map OLD=NEW (in Python: names)"
        )

    def order(self, labels: Sequence[str], whose: str) -> list[int]:
        """Returns the index of each of another model's labels; ``whose`` names that model in messages.

        Raises:
            InputError: the two models do not have the same labels.
        """
        found = [self._find(label) for label in labels]
        if len(labels) != len(self.labels) or len({*found} - {None}) < len(labels):
            remedy = " ".join(
                f"--map {label}={self._guess(label) or _ANY}" for label in labels if self._find(label) is None
            )
            raise InputError(
                f"{whose}: expected the labels {', '.join(self.labels)}, found {', '.join(labels)}; "
                + (f"say which is which: {remedy}" if remedy else "compare models with the same labels")
            )
        return [index for index in found if index is not None]

    def _find(self, label: str) -> int | None:
        known = self._known
        return known[label] if label in known else known.get(label.strip().casefold())

    def _guess(self, label: str) -> str | None:
        """Returns the model's label that starts as this one does; None if there is none."""
        start = label.strip().casefold()[:3]
        return next((known for known in self.labels if start and known.casefold().startswith(start)), None)


def is_missing(label: object) -> bool:
    """Returns whether a row has no label."""
    return label is None or label != label or not str(label).strip()  # NaN is missing too


def _spellings(labels: tuple[str, ...]) -> dict[str, int]:
    """Returns the index of each spelling; exact names come first, and a spelling of two labels is left out."""
    folded = [label.casefold() for label in labels]
    known = {name: index for index, name in enumerate(folded) if folded.count(name) == 1}
    if not any(_is_number(label) for label in labels):
        known = {f"{index}{end}": index for index in range(len(labels)) for end in ("", ".0")} | known
    if not any(name.startswith("label_") for name in folded):
        known = {f"label_{index}": index for index in range(len(labels))} | known
    return known | {label: index for index, label in enumerate(labels)}


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True
