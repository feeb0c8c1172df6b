"""Prints what OpenVINO makes of bundles: FOLDER-OF-BUNDLES NAME… < ids of each text by bundle, as JSON."""

import json
import sys

import numpy as np
import openvino

folder, *names = sys.argv[1:]
texts = json.load(sys.stdin)
core = openvino.Core()
answers: dict[str, str | list[object]] = {}
for name in names:
    try:
        model = core.compile_model(core.read_model(f"{folder}/{name}/onnx/model_quantized.onnx"), "CPU")
    except RuntimeError as error:
        answers[name] = str(error)
        continue
    inputs = [each.any_name for each in model.inputs]
    rows = []
    for ids in texts[name]:
        batch = np.array([ids])
        given = {"input_ids": batch, "attention_mask": np.ones_like(batch), "token_type_ids": np.zeros_like(batch)}
        rows.append(model({key: given[key] for key in inputs})[0][0].tolist())
    answers[name] = rows
print(json.dumps(answers))
