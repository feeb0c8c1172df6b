"""Models with labelled texts → what the answers are worth, as measures with intervals, tables and a page."""

from .comparing import Comparison, compare
from .evaluating import Evaluation, evaluate

__all__ = ["Comparison", "Evaluation", "compare", "evaluate"]
