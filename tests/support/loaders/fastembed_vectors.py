"""Prints fastembed's vectors of texts, alone and in a batch: FOLDER-OF-BUNDLES NAME… < texts by bundle, as JSON."""

import json
import sys
from pathlib import Path

from fastembed import TextEmbedding
from fastembed.common.model_description import ModelSource, PoolingType

folder, *names = sys.argv[1:]
texts = json.load(sys.stdin)
answers: dict[str, dict[str, list[list[float]]]] = {}
for name in names:
    bundle = Path(folder, name)
    settings = json.loads((bundle / "linnet.json").read_bytes())
    TextEmbedding.add_custom_model(
        name,
        pooling={"mean": PoolingType.MEAN, "cls": PoolingType.CLS}[settings["pooling"]],
        normalization=settings["normalize"],
        sources=ModelSource(hf=name),
        dim=json.loads((bundle / "config.json").read_bytes())["hidden_size"],
        model_file="onnx/model_quantized.onnx",
    )
    model = TextEmbedding(name, specific_model_path=str(bundle), threads=1)
    answers[name] = {
        way: [vector.tolist() for vector in model.embed(texts[name], batch_size=size)]
        for way, size in (("alone", 1), ("batch", len(texts[name])))
    }
print(json.dumps(answers))
