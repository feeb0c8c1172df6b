"""The calibration in ``linnet.json``: read, checked against the labels, and written."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..fields import malformed, optional_field, shown
from ..names import SETTINGS
from ..postprocessing.calibration import Calibration

_GREAT = 1e30  # no float holds every whole number of JSON
_WHERE = f"{SETTINGS}: calibration"


def read_calibration(settings: Mapping[str, Any]) -> Calibration | None:
    """Returns the calibration in the content of ``linnet.json``; None if there is none.

    Raises:
        BundleFormatError: it is invalid.
    """
    values = optional_field(settings, SETTINGS, "calibration", dict)
    if values is None:
        return None
    bias = optional_field(values, SETTINGS, "bias", dict) or {}
    thresholds = optional_field(values, SETTINGS, "thresholds", dict) or {}
    try:
        return Calibration(
            temperature=_number("temperature", values.get("temperature", 1.0)),
            bias={label: _number(f"the bias of {label}", value) for label, value in bias.items()},
            thresholds={
                label: None if value is None else _number(f"the threshold of {label}", value)
                for label, value in thresholds.items()
            },
        )
    except ValueError as error:
        raise malformed(f"{_WHERE}: {error}") from None


def calibration_as_json(calibration: Calibration) -> dict[str, Any]:
    """Returns what `read_calibration` reads, without a bias or thresholds if there are none."""
    values = {"bias": dict(calibration.bias), "thresholds": dict(calibration.thresholds)}
    return {"temperature": calibration.temperature, **{name: value for name, value in values.items() if value}}


def check_labels(calibration: Calibration | None, labels: Sequence[str]) -> None:
    """Checks that a calibration names only labels of the bundle.

    Raises:
        BundleFormatError: it names another.
    """
    for label in [*calibration.bias, *calibration.thresholds] if calibration else ():
        if label not in labels:
            raise malformed(f"{_WHERE}: expected labels among {', '.join(labels) or 'none'}, found {shown(label)}")


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"expected {name} to be a number, found {shown(value)}")
    return float(max(-_GREAT, min(value, _GREAT)))
