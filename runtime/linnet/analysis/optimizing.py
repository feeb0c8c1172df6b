"""Minimises a smooth convex function, in numpy alone."""

from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Function = Callable[[Numbers], tuple[float, Numbers]]
"""Returns a function's value at a point and its gradient there."""

_MEMORY = 10  # steps that the curvature is estimated from
_SHORTEST = 1e-10
_ENOUGH = 1e-4  # Armijo's condition: the share of the expected decrease that a step has to bring


def minimized(
    function: Function, start: Numbers, *, curvature: Numbers | None = None, tolerance: float = 1e-6, most: int = 500
) -> Numbers:
    """Returns about where a convex function is least, by L-BFGS (Nocedal and Wright, Numerical Optimization, 7.2).

    Args:
        function: the function.
        start: where the search begins.
        curvature: about the function's second derivative along each axis; by default 1.
        tolerance: the greatest slope, over the curvature's root, at which the search ends.
        most: the most steps.
    """
    curvature = np.ones_like(start) if curvature is None else curvature
    point, (value, gradient) = start, function(start)
    steps = deque[tuple[Numbers, Numbers]](maxlen=_MEMORY)
    for _ in range(most):
        if (np.abs(gradient) / np.sqrt(curvature)).max() <= tolerance:
            break
        direction = -_newton(gradient, steps, curvature)
        slope, length = float(gradient @ direction), 1.0
        while True:
            moved = point + length * direction
            found, turned = function(moved)
            if found <= value + _ENOUGH * length * slope:
                break
            length /= 2
            if length < _SHORTEST:  # rounding hides any further decrease
                return point
        if float((turned - gradient) @ (moved - point)) > 0:
            steps.append((moved - point, turned - gradient))
        point, value, gradient = moved, found, turned
    return point


def _newton(gradient: Numbers, steps: "deque[tuple[Numbers, Numbers]]", curvature: Numbers) -> Numbers:
    """Returns the gradient over the curvature that the last steps showed: the two-loop recursion."""
    found: Numbers = gradient.copy()
    shares = list[float]()
    for step, change in reversed(steps):
        share = float(step @ found) / float(step @ change)
        found -= share * change
        shares.append(share)
    scale = 1.0
    if steps:
        step, change = steps[-1]
        scale = float(step @ change) / float(change @ (change / curvature))
    found *= scale / curvature
    for (step, change), share in zip(steps, reversed(shares), strict=True):
        found += (share - float(change @ found) / float(step @ change)) * step
    return found
