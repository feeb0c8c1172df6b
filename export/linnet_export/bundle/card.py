"""Writes a bundle's model card: the checkpoint's own card and a section about the conversion."""

from linnet.bundle.manifest import Figure
from linnet.bundle.settings import Settings
from linnet.tasks import CLASSIFICATION, EMBEDDING, TASKS

from linnet_export.parity.measure import Parity
from linnet_export.source.files import CARD
from linnet_export.source.licence import Licence
from linnet_export.source.provenance import Provenance

_TEMPLATE = """
## INT8 bundle

Converted from `{source}`{revision} by Linnet: {quantization} dynamic INT8{smaller}, preprocessing
`{preprocessing}`, at most {max_length} tokens. Its measured parity with the original:

{table}

{drift}: mean {mean_drift:.4f}, maximum {max_drift:.4f}, over {texts} texts; `parity.json` lists the worst.{caution}
{published}{licence}
```python
import linnet

model = linnet.{loader}("{name}")
{example}
```
"""

EXAMPLES = {
    CLASSIFICATION: 'print(model("Good news!"))',
    EMBEDDING: 'print(model(["Good news!"]).shape)',
}
"""A line of Python that runs a bundle of each task."""


def model_card(origin: Provenance, name: str, settings: Settings, parity: Parity) -> str:
    """Returns the checkpoint's card, or a title if it has none, with a section about the bundle."""
    source = origin.source
    original = source.fetch() / CARD
    head = original.read_text(encoding="utf-8", errors="replace") if original.is_file() else f"# {source.id}\n"
    return head.rstrip("\n") + "\n" + _TEMPLATE.format(
        source=source.id,
        revision=f" at `{source.revision}`" if source.revision else "",
        name=name,
        loader=TASKS[settings.task].loader,
        quantization=settings.quantization,
        smaller=_smaller(settings),
        preprocessing=settings.preprocessing,
        max_length=settings.max_length,
        table=parity_table(parity),
        drift=parity.drift,
        mean_drift=parity.mean_drift,
        max_drift=parity.max_drift,
        texts=parity.texts,
        caution=f" Caution: {parity.caution}." if parity.caution else "",
        published="".join(map(_published, origin.recipe.figures)) if origin.recipe else "",
        licence=_licence(origin.licence),
        example=EXAMPLES[settings.task],
    )  # fmt: skip


def _smaller(settings: Settings) -> str:
    """Returns a description of the options that make the bundle smaller; empty if there are none."""
    bits = f", embeddings in {settings.embedding_bits} bits" if settings.embedding_bits != 8 else ""
    part = f", only part of the vocabulary ({settings.vocabulary})" if settings.vocabulary else ""
    return bits + part


def parity_table(parity: Parity) -> str:
    """Returns the parity criteria as a Markdown table."""
    escaped = r"\|"
    rows = [
        f"| {criterion.name.replace('|', escaped)} | {criterion.measured} | {criterion.required} | {criterion.n} |"
        for criterion in parity.criteria
    ]
    return "\n".join(["| criterion | measured | required | n |", "|---|---|---|---|", *rows])


def _published(figure: Figure) -> str:
    return f"\nPublished for the original: {figure.what} {figure.value} ({figure.source}).\n"


def _licence(licence: Licence) -> str:
    return f"\nLicence: {licence.concern}. The person who converted it accepted this.\n" if licence.concern else ""
