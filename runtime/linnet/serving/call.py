"""A request as a dialect's function sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..postprocessing.calibration import MinScore
from ..postprocessing.scores import Prediction
from ..tasks import CLASSIFICATION, EMBEDDING
from ..tokenization.encoding import Read
from .administration import Administration
from .service import Answered, Service
from .versions.version import Version


@dataclass
class Call:
    """A request: the model that its path names, and what is known of it for metrics and logs."""

    service: Service
    administration: Administration
    model: str | None = None
    """``NAME`` or ``NAME@VERSION``; None for the first that fits."""
    file: str | None = None
    """The file of the page that the path names."""
    headers: dict[str, str] = field(default_factory=dict)
    """The headers of the answer."""
    version: Version | None = None
    texts: int = 0
    tokens: int = 0
    truncated: int = 0
    values: int = 0
    """About how many numbers the answer has, so that a long one is written aside."""

    def find(self, task: str | None = None, model: str | None = None) -> Version:
        """Returns the version that answers: the one that the path names, else ``model``, else the first that fits."""
        self.version = self.service.registry.find(self.model or model, task)
        self.headers["x-linnet-model"] = self.version.id
        return self.version

    async def answered(self, version: Version, texts: Sequence[str], *, truncate: bool = True) -> Answered:
        """Returns the rows of texts."""
        read = await self.service.read(version, texts, truncate=truncate)
        answered = await self.service.rows(version, read)
        self.count(answered, sum(map(len, texts)))
        return answered

    def predictions(self, answered: Answered, min_score: MinScore | None = None) -> list[Prediction]:
        """Returns the predictions for the rows of a classifier."""
        version = answered.version
        found = version.predictions(answered.rows, answered.read, min_score)
        self.service.metrics.label(version.name, version.label, [prediction.label for prediction in found])
        return found

    def count(self, answered: Answered, characters: int) -> None:
        """Notes what a request took, and tells the client in the headers of Text Embeddings Inference."""
        self.note(answered.read, answered.tokens)
        self.headers |= {
            "x-compute-type": "cpu",
            "x-compute-characters": str(characters),
            "x-compute-tokens": str(answered.tokens),
            "x-queue-time": str(round(answered.queued * 1000)),
            "x-inference-time": str(round(answered.ran * 1000)),
        }

    def note(self, read: Sequence[Read], tokens: int) -> None:
        """Notes how texts were read.

        A header of Linnet's own has the number of texts that were truncated: most dialects have no word for that.
        """
        self.texts += len(read)
        self.tokens += tokens
        self.truncated += sum(found.truncated for found in read)
        self.headers["x-linnet-truncated"] = str(self.truncated)

    def classifier(self, model: str | None = None) -> Version:
        """Returns the version that answers, which is a classifier."""
        return self.find(CLASSIFICATION, model)

    def embedder(self, model: str | None = None) -> Version:
        """Returns the version that answers, which embeds."""
        return self.find(EMBEDDING, model)
