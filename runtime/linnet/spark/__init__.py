"""Data frames of Spark with a column of texts come in; the same frames with columns of answers go out."""

from ..extras import missing, needed

with needed("spark"):
    import pyarrow as _pyarrow  # noqa: F401
    import pyspark as _pyspark

if tuple(map(int, _pyspark.__version__.split(".")[:2])) < (3, 5):
    raise missing("spark", f"pyspark {_pyspark.__version__}")

from .annotators import LinnetClassifier, LinnetEmbeddings
from .columns import answers
from .frames import classify, embed
from .shipping import Shipped, ship

__all__ = ["LinnetClassifier", "LinnetEmbeddings", "Shipped", "answers", "classify", "embed", "ship"]
