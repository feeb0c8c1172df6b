"""The targets, and whether a run met them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Shapes = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """What is wanted of one figure.

    Args:
        title: what is measured.
        wanted: the target in words.
        value: finds the figure in the results by shape; KeyError says that it was not measured.
        met: whether a figure meets it.
        unit: how the figure is written.
    """

    title: str
    wanted: str
    value: Callable[[Shapes], float]
    met: Callable[[float], bool]
    unit: str = "{:.2f} ×"


def _ratio(peer: str, name: str = "speed") -> Callable[[Shapes], float]:
    return lambda shapes: float(shapes["roberta-base"]["rows"][peer]["ratios"][name])


def _ours(shape: str, name: str) -> Callable[[Shapes], float]:
    return lambda shapes: float(shapes[shape]["rows"]["linnet"][name])


def _closeness(shape: str, name: str) -> Callable[[Shapes], float]:
    return lambda shapes: float(shapes[shape]["rows"]["linnet"]["closeness"][name])


def _other_bits(shapes: Shapes) -> float:
    measured = [shape["bits"]["differing"] for shape in shapes.values() if "bits" in shape]
    return float(max(count for differing in measured for count in differing.values()))


def _at_least(bound: float) -> Callable[[float], bool]:
    return lambda value: value >= bound


def _at_most(bound: float) -> Callable[[float], bool]:
    return lambda value: value <= bound


_PER_CENT = "{:.1f} %"

TARGETS = (
    Target(
        "bulk tweets, RoBERTa-base: against optimum's INT8 pipeline (batch 32)",
        "at least 2.0 ×",
        _ratio("optimum"),
        _at_least(2.0),
    ),
    Target("against transformers fp32 (batch 32)", "at least 10 ×", _ratio("transformers"), _at_least(10)),
    Target(
        "against plain onnxruntime + tokenizers, sorted batches, one session, two threads",
        "at least 1.25 ×",
        _ratio("onnxruntime"),
        _at_least(1.25),
    ),
    Target(
        "against OpenVINO INT8 (static), sorted batches",
        "at least 0.90 ×; stretch 1.05 ×",
        _ratio("openvino"),
        _at_least(0.90),
    ),
    Target(
        "one text of 32 tokens, one thread: time of the graph against optimum's INT8",
        "at most 0.91; stretch 0.85",
        lambda shapes: float(shapes["roberta-base"]["one_thread"]["ratio"]["graph"]),
        _at_most(0.91),
    ),
    Target(
        "mean Δscore against fp32, trained checkpoint, as a share of optimum's",
        "at most 0.36; stretch 0.25",
        _closeness("default", "of_optimum"),
        _at_most(0.36),
        "{:.2f}",
    ),
    Target(
        "texts with other bits in another batch, order, thread count, stream, or from several threads",
        "none",
        _other_bits,
        _at_most(0),
        "{:.0f}",
    ),
    *(
        Target(
            f"labels as in fp32, trained checkpoint{what}", wanted, _closeness(shape, name), _at_least(bound), _PER_CENT
        )
        for shape, what in (("default", ""), ("outliers", ", outliers injected"))
        for name, wanted, bound in (
            ("agreement", "at least 98.7 %; stretch 99.3 %", 98.7),
            ("sure_agreement", "100 % where fp32's margin exceeds 0.1", 100.0),
        )
    ),
    Target(
        "seconds to the first answer, RoBERTa-base",
        "at most 0.30",
        _ours("roberta-base", "first"),
        _at_most(0.30),
        "{:.2f} s",
    ),
    Target(
        "RSS after one answer, RoBERTa-base",
        "at most 190 MB",
        _ours("roberta-base", "rss"),
        _at_most(190),
        "{:.0f} MB",
    ),
)


def judged(shapes: Shapes) -> list[dict[str, Any]]:
    """Each target with its figure and whether it was met; both None where it was not measured."""
    found = []
    for target in TARGETS:
        try:
            value: float | None = target.value(shapes)
        except (KeyError, TypeError, ValueError):
            value = None
        written = "not measured" if value is None else target.unit.format(value)
        met = None if value is None else target.met(value)
        found.append({"title": target.title, "wanted": target.wanted, "value": value, "written": written, "met": met})
    return found
