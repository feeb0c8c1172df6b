"""A config that describes something else than an encoder is refused in a few words."""

from pathlib import Path

import pytest
from linnet.tasks import CLASSIFICATION
from linnet_export.checkpoint.reading import Checkpoint
from linnet_export.cli.main import main
from linnet_export.errors import CheckpointError
from transformers import BertConfig


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}', "LlamaForCausalLM (model_type 'llama')"),
        ('{"model_type": "t5"}', "found no architecture (model_type 't5')"),
        ('{"architectures": "BertModel", "model_type": "bert"}', "expected architectures to be a list"),
        ('{"model_type": "bert", "quantization_config": {"quant_method": "gptq"}}', "weights quantized by gptq"),
        ('{"architectures": ["MysteryModel"]}', "found none, and MysteryModel"),
        ('{"model_type": "bert", "problem_type": "guesswork"}', "config.json"),
    ],
)
def test_a_config_that_is_not_an_encoders(
    config: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("model.safetensors", "vocab.txt"):
        (folder / name).write_text("{}")
    (folder / "config.json").write_text(config)
    assert main(["convert", str(folder), "--output", str(tmp_path / "bundle"), "--quiet"]) == 2
    message = capsys.readouterr().err
    assert said in message and len(message) < 600


def test_positions_that_are_none_are_to_be_fixed(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, BertConfig(max_position_embeddings=0), CLASSIFICATION)
    with pytest.raises(CheckpointError, match=r"expected max_position_embeddings of at least 1 .*; fix it$") as caught:
        checkpoint._positions()
    assert "again" not in str(caught.value)
