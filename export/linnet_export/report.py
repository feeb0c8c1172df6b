"""Parity for people to read, on a terminal."""

from linnet_export.parity import Parity


def parity_report(parity: Parity) -> str:
    """A table of the criteria, each with its verdict, then the drift and the worst texts."""
    width = max(len(criterion.name) for criterion in parity.criteria)
    lines = [f"{'criterion':<{width}}  {'measured':>10}  {'required':>10}  {'n':>7}"]
    for criterion in parity.criteria:
        verdict = "passed" if criterion.passed else "FAILED"
        lines.append(
            f"{criterion.name:<{width}}  {criterion.measured:>10}  {criterion.required:>10}  {criterion.n:>7}  {verdict}"
        )
    lines.append(
        f"|Δscore| over {parity.texts} texts: mean {parity.mean_drift:.4f}, greatest {parity.max_drift:.4f}; the worst:"
    )
    lines += [
        f"  {offender.drift:.4f}  {offender.original} → {offender.bundle}  {offender.text!r}"
        for offender in parity.worst
    ]
    return "\n".join(lines)
