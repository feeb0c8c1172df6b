"""Formats a parity report and the list of recipes for the terminal."""

from linnet_export.parity.measure import Parity


def parity_report(parity: Parity) -> str:
    """Returns a table of the criteria with their verdicts, then the drift and the worst texts."""
    width = max(len(criterion.name) for criterion in parity.criteria)
    lines = [f"{'criterion':<{width}}  {'measured':>10}  {'required':>10}  {'n':>7}"]
    for criterion in parity.criteria:
        verdict = "passed" if criterion.passed else "FAILED"
        lines.append(
            f"{criterion.name:<{width}}  {criterion.measured:>10}  {criterion.required:>10}  {criterion.n:>7}  {verdict}"
        )
    lines.append(
        f"{parity.drift} over {parity.texts} texts: mean {parity.mean_drift:.4f}, greatest {parity.max_drift:.4f}; the worst:"
    )
    for offender in parity.worst:
        became = " → ".join(filter(None, (offender.original, offender.bundle)))
        lines.append(f"  {offender.drift:.4f}  {became}  {offender.text!r}")
    if parity.caution:
        lines.append(f"note: {parity.caution}: keep more of the vocabulary, or pass texts that it covers with --texts")
    return "\n".join(lines)
