"""The model card of a bundle, and what the checkpoint's own card says."""

from pathlib import Path

import yaml
from huggingface_hub import metadata_load
from linnet.bundle import Settings

from linnet_export.parity import Parity

CARD = "README.md"

_TEMPLATE = """
## INT8 bundle

Converted from `{source}` by Linnet: {quantization} dynamic INT8, preprocessing
`{preprocessing}`, at most {max_length} tokens. It was proven equal to the original before it was written:

{table}

Mean |Δscore| {mean_drift:.4f}, greatest {max_drift:.4f}, over {texts} texts; `parity.json` has the worst of them.

```python
import linnet

model = linnet.load("{name}")
print(model("Good news!"))
```
"""


def stated_licence(checkpoint: Path) -> str | None:
    """The licence that the checkpoint's card states at its head; None where it states none."""
    card = checkpoint / CARD
    try:
        stated = ((metadata_load(card) if card.is_file() else None) or {}).get("license")
    except (ValueError, yaml.YAMLError):
        return None
    return ", ".join(map(str, stated)) if isinstance(stated, list) else str(stated) if stated else None


def model_card(checkpoint: Path, source: str, name: str, settings: Settings, parity: Parity) -> str:
    """The checkpoint's card, or a title, followed by what became of it."""
    original = checkpoint / CARD
    head = original.read_text(encoding="utf-8", errors="replace") if original.is_file() else f"# {source}\n"
    return head.rstrip("\n") + "\n" + _TEMPLATE.format(
        source=source,
        name=name,
        quantization=settings.quantization,
        preprocessing=settings.preprocessing,
        max_length=settings.max_length,
        table=parity_table(parity),
        mean_drift=parity.mean_drift,
        max_drift=parity.max_drift,
        texts=parity.texts,
    )  # fmt: skip


def parity_table(parity: Parity) -> str:
    """The criteria as a Markdown table."""
    escaped = r"\|"
    rows = [
        f"| {criterion.name.replace('|', escaped)} | {criterion.measured} | {criterion.required} | {criterion.n} |"
        for criterion in parity.criteria
    ]
    return "\n".join(["| criterion | measured | required | n |", "|---|---|---|---|", *rows])
