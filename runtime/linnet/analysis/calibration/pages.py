"""A calibration's figures → a page with reliability diagrams."""

from ..page import figure, note, page, paragraph, section, table
from ..plots import curve
from .calibrating import Calibrated, rows_of
from .quality import Quality


def calibration_page(found: Calibrated, *, model: str, data: str) -> str:
    """Returns a page: the measures before and after, and a reliability diagram of each."""
    calibration = found.calibration
    biases = [[label, f"{value:+.4f}"] for label, value in calibration.bias.items()]
    return page(
        f"{model}: calibrated on {data}",
        paragraph(
            f"{found.texts:,} texts. Temperature {calibration.temperature:.4f}: above 1, the scores were too sure; "
            "below 1, not sure enough."
        ),
        section(
            "Measures",
            table(("measure", "before", "after"), rows_of(found)),
            note(
                "After: each text is judged with a calibration that was fitted without it. Lower is better, but for accuracy."
            ),
        ),
        section("Reliability before", _diagram(found.before)),
        section("Reliability after", _diagram(found.after)),
        *([section("Biases", table(("label", "bias"), biases))] if biases else []),
    )


def _diagram(found: Quality) -> str:
    points = [(part.score, part.accuracy) for part in found.bins]
    return figure(
        curve(points, across="score", up="share that is right", diagonal=True),
        f"{len(found.bins)} bins of equal size, by the score of the label; on the dashed line, the score is how often "
        "the label is right.",
    )
