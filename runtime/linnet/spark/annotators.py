"""Stages of ``pyspark.ml`` pipelines, in place of Spark NLP's: documents come in, annotations go out."""

from typing import Any

from pyspark import keyword_only
from pyspark.ml import Transformer
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasInputCols, HasOutputCol
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
from pyspark.sql import Column, DataFrame, functions
from pyspark.sql.types import ArrayType

from ..engines.worker import Worker, classifying, embedding
from ..errors import InputError
from ..postprocessing.words import FIRST
from .annotations import CATEGORY, SENTENCES, TYPE, WORDS, Documents
from .columns import over_columns
from .shipping import ship


class _Annotator(Transformer, HasInputCols, HasOutputCol, DefaultParamsReadable, DefaultParamsWritable):
    """What the stages share: the bundle, the columns, and how both are read."""

    bundle = Param(
        Params._dummy(), "bundle", "the folder of a bundle; '' for the embedded default", TypeConverters.toString
    )
    threads = Param(Params._dummy(), "threads", "the number of threads of a model", TypeConverters.toInt)
    preprocess = Param(Params._dummy(), "preprocess", "whether texts are preprocessed", TypeConverters.toBoolean)
    ship = Param(Params._dummy(), "ship", "whether the bundle is sent to the executors", TypeConverters.toBoolean)
    key = Param(Params._dummy(), "key", "the file of the public key that signed the bundle", TypeConverters.toString)
    digest = Param(Params._dummy(), "digest", "the digest that the bundle must have", TypeConverters.toString)
    verify = Param(Params._dummy(), "verify", "full or once", TypeConverters.toString)

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(bundle="", threads=1, preprocess=True, ship=False, inputCols=["document"])
        self._setDefault(key="", digest="", verify="")

    def setInputCols(self, *columns: Any) -> Any:  # noqa: N802  # as in Spark
        """Sets the columns: documents, as Spark NLP's or plain strings, then tokens if there are any."""
        return self._set(inputCols=list(columns[0]) if isinstance(columns[0], (list, tuple)) else list(columns))

    def setOutputCol(self, column: str) -> Any:  # noqa: N802  # as in Spark
        """Sets the name of the new column."""
        return self._set(outputCol=column)

    def _place(self, frame: DataFrame) -> Any:
        place = self.getOrDefault(self.bundle) or None
        return ship(frame.sparkSession, place) if place and self.getOrDefault(self.ship) else place

    def _options(self) -> dict[str, Any]:
        demands = {param.name: self.getOrDefault(param) or None for param in (self.key, self.digest, self.verify)}
        return {"threads": self.getOrDefault(self.threads), "preprocess": self.getOrDefault(self.preprocess), **demands}

    def _annotated(self, frame: DataFrame, worker: Worker, kind: str) -> DataFrame:
        columns = [*_documents(frame, self.getInputCols()[0])]
        for tokens in self.getInputCols()[1:2]:
            columns += [frame[tokens]["begin"], frame[tokens]["end"]]
        output = self.getOutputCol()
        annotated = functions.when(columns[0].isNotNull(), over_columns(Documents(worker), TYPE)(*columns))
        return frame.withColumn(output, annotated).withMetadata(output, {"annotatorType": kind})


class LinnetEmbeddings(_Annotator):
    """Embeds words, pieces or documents, in place of ``XlmRoBertaEmbeddings`` and its relatives.

    With a second input column, Spark NLP's tokens get a vector each; without, what white space separates. Tokens beyond
    what the model reads get none. By default a word has the vector of its first piece, as in Spark NLP.

    Args:
        bundle: the folder of a bundle for embeddings, which driver and executors have.
        per: a vector for each ``word``, for each ``token`` of the model, or one for a whole ``text``.
        pieces: words: the vector of the ``first`` piece, or the ``mean`` over all.
        threads: the number of threads of a model.
        preprocess: False if the texts are already preprocessed as the checkpoint expects.
        ship: True to send the bundle to the executors, which then need no folder of their own.
        key, digest, verify: what the bundle must meet, as `linnet.load` takes them; ``key`` is a file of the driver.
        inputCols: the documents, as Spark NLP's or plain strings; then the tokens, if there are any.
        outputCol: the name of the new column.
    """

    per = Param(Params._dummy(), "per", "word, token or text", TypeConverters.toString)
    pieces = Param(Params._dummy(), "pieces", "first or mean", TypeConverters.toString)

    @keyword_only
    def __init__(
        self,
        *,
        bundle: str = "",
        per: str = "word",
        pieces: str = FIRST,
        threads: int = 1,
        preprocess: bool = True,
        ship: bool = False,
        key: str = "",
        digest: str = "",
        verify: str = "",
        inputCols: list[str] | None = None,  # noqa: N803
        outputCol: str | None = None,  # noqa: N803
    ) -> None:
        super().__init__()
        self._setDefault(per="word", pieces=FIRST, outputCol="embeddings")
        self._set(**self._input_kwargs)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        per, pieces = self.getOrDefault(self.per), self.getOrDefault(self.pieces)
        worker = embedding(self._place(dataset), per=per, pieces=pieces, **self._options())
        return self._annotated(dataset, worker, SENTENCES if per == "text" else WORDS)


class LinnetClassifier(_Annotator):
    """Classifies documents, in place of ``XlmRoBertaForSequenceClassification`` and its relatives.

    ``result`` is the label, ``metadata`` has the score of each label. A second input column is not needed.

    Args:
        bundle: the folder of a bundle for classification, which driver and executors have; '' for the embedded default.
        threads: the number of threads of a model.
        preprocess: False if the texts are already preprocessed as the checkpoint expects.
        ship: True to send the bundle to the executors, which then need no folder of their own.
        key, digest, verify: what the bundle must meet, as `linnet.load` takes them; ``key`` is a file of the driver.
        inputCols: the documents, as Spark NLP's or plain strings.
        outputCol: the name of the new column.
    """

    @keyword_only
    def __init__(
        self,
        *,
        bundle: str = "",
        threads: int = 1,
        preprocess: bool = True,
        ship: bool = False,
        key: str = "",
        digest: str = "",
        verify: str = "",
        inputCols: list[str] | None = None,  # noqa: N803
        outputCol: str | None = None,  # noqa: N803
    ) -> None:
        super().__init__()
        self._setDefault(outputCol="class")
        self._set(**self._input_kwargs)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._annotated(dataset, classifying(self._place(dataset), **self._options()), CATEGORY)


def _documents(frame: DataFrame, name: str) -> list[Column]:
    """Returns the documents of each row and their places: two columns with lists."""
    column, kind = frame[name], frame.schema[name].dataType
    if isinstance(kind, ArrayType) and hasattr(kind.elementType, "names") and "result" in kind.elementType.names:
        return [column["result"], column["begin"]]
    if kind.typeName() != "string":
        raise InputError(f"column {name!r}: expected documents of Spark NLP or strings, found {kind.simpleString()}")
    whole = functions.when(column.isNotNull(), functions.array(column))
    return [whole, functions.when(column.isNotNull(), functions.array(functions.lit(0)))]
