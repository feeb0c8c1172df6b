"""The targets, each for certain classes of processors, and whether a run met them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmark.machine import CLASSES

Shapes = dict[str, Any]
Value = Callable[[Shapes], float]
"""Finds a figure in the results by shape; KeyError: not measured."""
Bound = Callable[[float], bool]

VNNI = ("avx512-vnni",)
AVX2 = ("avx2",)
"""These targets are for 2 cores."""


@dataclass(frozen=True)
class Target:
    """What is wanted of one figure."""

    title: str
    """What is measured."""
    wanted: str
    """The target in words."""
    value: Value
    """Finds the figure."""
    met: Bound
    """Whether a figure meets it."""
    unit: str = "{:.2f} ×"
    """How the figure is written."""
    classes: tuple[str, ...] = CLASSES
    """The classes of processors that it holds for."""


def _ratio(peer: str, name: str = "speed") -> Value:
    return lambda shapes: float(shapes["roberta-base"]["rows"][peer]["ratios"][name])


def _ours(shape: str, *path: str) -> Value:
    def value(shapes: Shapes) -> float:
        found = shapes[shape]["rows"]["linnet"]
        for key in path:
            found = found[key]
        return float(found)

    return value


def _other_bits(shapes: Shapes) -> float:
    measured = [shape["bits"]["differing"] for shape in shapes.values() if "bits" in shape]
    return float(max(count for differing in measured for count in differing.values()))


def _at_least(bound: float) -> Bound:
    return lambda value: value >= bound


def _at_most(bound: float) -> Bound:
    return lambda value: value <= bound


_PER_CENT, _MEGABYTES, _SECONDS = "{:.1f} %", "{:.0f} MB", "{:.2f} s"

_PEERS = {
    "optimum": "bulk tweets, RoBERTa-base: against optimum's INT8 pipeline (batch 32)",
    "transformers": "against transformers fp32 (batch 32)",
    "onnxruntime": "against plain onnxruntime + tokenizers, sorted batches, one session",
    "onnxruntime-fp32": "against the same with the fp32 graph",
    "openvino": "against OpenVINO INT8 (static), sorted batches",
}
_BULK: tuple[tuple[tuple[str, ...], dict[str, tuple[float, str]]], ...] = (
    (VNNI, {"optimum": (2.0, ""), "transformers": (10, ""), "onnxruntime": (1.25, ""), "openvino": (0.90, "; stretch 1.05 ×")}),
    (AVX2, {"optimum": (1.65, ""), "transformers": (3.2, ""), "onnxruntime": (1.12, ""), "onnxruntime-fp32": (1.5, ""),
            "openvino": (2.2, "")}),
)  # fmt: skip
_AGREEMENT = ((VNNI, 98.7, "at least 98.7 %; stretch 99.3 %"), (AVX2, 99.3, "at least 99.3 %"))
_TRAINED = (("default", ""), ("outliers", ", outliers injected"))
_MEMORY = (
    (VNNI, "roberta-base", "RSS", "rss", 190),
    (AVX2, "roberta-base", "RSS", "rss", 175),
    (AVX2, "xlm-r-base", "RSS", "rss", 165),
    (AVX2, "roberta-base", "anonymous part of the RSS", "anonymous", 130),
    (AVX2, "xlm-r-base", "anonymous part of the RSS", "anonymous", 120),
)
_FIRST = ((VNNI, 0.30, "at most 0.30"), (AVX2, 0.40, "stretch: at most 0.40"))
_NAMES = {"roberta-base": "RoBERTa-base", "xlm-r-base": "XLM-R-base"}

TARGETS = (
    *(
        Target(_PEERS[peer], f"at least {bound} ×{stretch}", _ratio(peer), _at_least(bound), classes=classes)
        for classes, bounds in _BULK
        for peer, (bound, stretch) in bounds.items()
    ),
    Target(
        "one text of 32 tokens, one thread: time of the graph against optimum's INT8",
        "at most 0.91; stretch 0.85",
        lambda shapes: float(shapes["roberta-base"]["one_thread"]["ratio"]["graph"]),
        _at_most(0.91),
        classes=VNNI,
    ),
    Target(
        "mean Δscore against fp32, trained checkpoint, as a share of optimum's",
        "at most 0.36; stretch 0.25",
        _ours("default", "closeness", "of_optimum"),
        _at_most(0.36),
        "{:.2f}",
        VNNI,
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
            f"labels as in fp32, trained checkpoint{what}",
            wanted,
            _ours(shape, "closeness", "agreement"),
            _at_least(bound),
            _PER_CENT,
            classes,
        )
        for classes, bound, wanted in _AGREEMENT
        for shape, what in _TRAINED
    ),
    *(
        Target(
            f"labels as in fp32 where its margin exceeds 0.1{what}",
            "100 %",
            _ours(shape, "closeness", "sure_agreement"),
            _at_least(100.0),
            _PER_CENT,
            (*VNNI, *AVX2),
        )
        for shape, what in _TRAINED
    ),
    *(
        Target(
            "seconds to the first answer, RoBERTa-base",
            wanted,
            _ours("roberta-base", "first"),
            _at_most(bound),
            _SECONDS,
            classes,
        )
        for classes, bound, wanted in _FIRST
    ),
    *(
        Target(
            f"{what} after one answer, {_NAMES[shape]}",
            f"at most {bound} MB",
            _ours(shape, name),
            _at_most(bound),
            _MEGABYTES,
            classes,
        )
        for classes, shape, what, name, bound in _MEMORY
    ),
)


def judged(shapes: Shapes, processor: str) -> list[dict[str, Any]]:
    """The targets for a class, each with its figure and whether it was met; both None where it was not measured."""
    found = []
    for target in TARGETS:
        if processor not in target.classes:
            continue
        try:
            value: float | None = target.value(shapes)
        except (KeyError, TypeError, ValueError):
            value = None
        written = "not measured" if value is None else target.unit.format(value)
        met = None if value is None else target.met(value)
        found.append({"title": target.title, "wanted": target.wanted, "value": value, "written": written, "met": met})
    return found
