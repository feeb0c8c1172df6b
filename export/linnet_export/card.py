"""The model card of a bundle: the checkpoint's own, and what became of it."""

from linnet.bundle import Settings

from linnet_export.licence import Licence
from linnet_export.parity import Parity
from linnet_export.provenance import Provenance
from linnet_export.recipe import Figure
from linnet_export.source_files import CARD

_TEMPLATE = """
## INT8 bundle

Converted from `{source}`{revision} by Linnet: {quantization} dynamic INT8{smaller}, preprocessing
`{preprocessing}`, at most {max_length} tokens. It was proven equal to the original before it was written:

{table}

{drift}: mean {mean_drift:.4f}, greatest {max_drift:.4f}, over {texts} texts; `parity.json` has the worst of them.{caution}
{published}{licence}
```python
import linnet

model = linnet.load("{name}")
{example}
```
"""

_EXAMPLES = {
    "text-classification": 'print(model("Good news!"))',
    "feature-extraction": 'print(model(["Good news!"]).shape)',
}


def model_card(origin: Provenance, name: str, settings: Settings, parity: Parity) -> str:
    """The checkpoint's card, or a title, followed by what became of it."""
    source = origin.source
    original = source.folder / CARD
    head = original.read_text(encoding="utf-8", errors="replace") if original.is_file() else f"# {source.id}\n"
    return head.rstrip("\n") + "\n" + _TEMPLATE.format(
        source=source.id,
        revision=f" at `{source.revision}`" if source.revision else "",
        name=name,
        quantization=settings.quantization,
        smaller=_smaller(settings),
        preprocessing=settings.preprocessing,
        max_length=settings.max_length,
        table=parity_table(parity),
        drift=parity.drift,
        mean_drift=parity.mean_drift,
        max_drift=parity.max_drift,
        texts=parity.texts,
        caution=f" Beware: {parity.caution}." if parity.caution else "",
        published="".join(map(_published, origin.recipe.figures)) if origin.recipe else "",
        licence=_licence(origin.licence),
        example=_EXAMPLES[settings.task],
    )  # fmt: skip


def _smaller(settings: Settings) -> str:
    """What makes the bundle smaller than others."""
    bits = f", embeddings in {settings.embedding_bits} bits" if settings.embedding_bits != 8 else ""
    part = f", only a part of the vocabulary ({settings.vocabulary})" if settings.vocabulary else ""
    return bits + part


def parity_table(parity: Parity) -> str:
    """The criteria as a Markdown table."""
    escaped = r"\|"
    rows = [
        f"| {criterion.name.replace('|', escaped)} | {criterion.measured} | {criterion.required} | {criterion.n} |"
        for criterion in parity.criteria
    ]
    return "\n".join(["| criterion | measured | required | n |", "|---|---|---|---|", *rows])


def _published(figure: Figure) -> str:
    return f"\nPublished for the original: {figure.what} {figure.value} ({figure.source}).\n"


def _licence(licence: Licence) -> str:
    return f"\nLicence: {licence.concern}. Whoever converted it accepted that.\n" if licence.concern else ""
