"""What the processor's instructions make of 8-bit products, as onnxruntime's own kernel shows it.

No list of features answers this everywhere: what Linux says in ``/proc/cpuinfo`` is the host's under
emulation, other systems have no such file, NumPy's list lacks AVX-VNNI, and which kernel onnxruntime
takes differs by system besides. A product of known outcome answers it, in a third of a millisecond.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

_ROWS, _DEPTH, _COLUMNS = 4, 64, 32
_GREATEST = 255  # of the uint8 rows; the int8 columns are full of 127

PROBE = (
    b"\x08\x07:\xf4\x10\n$\n\x04rows\n\x07columns\x12\x04sums"
    b'"\rMatMulInteger\x12\x05probe*\x92\x10\x08@\x08 \x10\x03B\x07columnsJ\x80\x10'
    + b"\x7f"
    * (_DEPTH * _COLUMNS)
    + b"Z\x17\n\x04rows\x12\x0f\n\r\x08\x02\x12\t\n\x03\x12\x01n\n\x02\x08@"
    b"b\x17\n\x04sums\x12\x0f\n\r\x08\x06\x12\t\n\x03\x12\x01n\n\x02\x08 B\x04\n\x00\x10\n"
)
"""An ONNX graph: ``rows`` uint8 (n, 64) times a constant int8 (64, 32), all 127 → ``sums`` int32 (n, 32)."""

Product = Callable[[bytes, npt.NDArray[np.uint8]], npt.NDArray[np.int32]]
"""Runs a graph like `PROBE`: its bytes and its ``rows`` → its ``sums``."""


def saturates(product: Product) -> bool:
    """Whether two products of 8 bits are added in 16 bits, where 2 · 255 · 127 does not fit.

    x86 does so before VNNI, from AVX2 on (on Windows from SSE4.1 on), and is then wrong without a word.
    onnxruntime has a slower way that is right, ``session.x64quantprecision``: on AVX2 it takes 13 to 29 %
    more time, on VNNI twice the time. On AVX2, over 992 texts, it gives the scores of a VNNI processor but for
    roundings; weights of 7 bits, which take no more time, would lose more than saturation does.
    """
    sums = product(PROBE, np.full((_ROWS, _DEPTH), _GREATEST, dtype=np.uint8))
    return bool((sums != _DEPTH * _GREATEST * 127).any())
