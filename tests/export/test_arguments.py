"""What the arguments alone tell is told at once, before a checkpoint is looked for or a library is loaded."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from checkpoints import Converted
from commands import names
from linnet.cli.main import main as linnet_main
from linnet.errors import InputError
from linnet_export.cli.failures import UnexpectedError, explained
from linnet_export.cli.main import main, parse_args
from linnet_export.convert import check_parity, convert


@pytest.mark.parametrize("scripts", ["klingon", "latin,klingon", "latin,,arabic", ""])
def test_scripts_that_do_not_exist(scripts: str, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.process_time()
    with pytest.raises(SystemExit, match="2"):
        parse_args(["convert", "somebody/large", "--output", "bundle", "--scripts", scripts])
    assert time.process_time() - began < 2
    assert "latin" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        {"scripts": ("klingon",)},
        {"scripts": ("latin",), "quantization": "per-tensor"},
        {"vocabulary_from": ["text"], "quantization": "per-tensor"},
        {"embedding_bits": 4, "quantization": "per-tensor"},
        {"embedding_bits": 5},
        {"task": "translation"},
        {"pooling": "median"},
        {"preprocessing": "unheard-of"},
        {"quantization": "per-row"},
        {"task": "text-classification", "pooling": "mean"},
        {"task": "text-classification", "normalize": False},
    ],
    ids=str,
)
def test_options_are_checked_before_the_checkpoint_is_looked_for(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        convert(tmp_path / "absent", tmp_path / "bundle", **options)
    assert "expected a checkpoint folder" not in str(raised.value)


def test_a_part_of_a_bundle_is_not_told_to_be_converted(
    roberta: Converted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(roberta.bundle, tmp_path / "copy")
    (copy / "manifest.json").unlink()
    assert linnet_main(["info", str(copy)]) == 2
    said = capsys.readouterr().err
    assert "copy the whole bundle again" in said and "linnet-export convert" not in said
    assert linnet_main(["info", str(roberta.checkpoint)]) == 2
    assert f"linnet-export convert {roberta.checkpoint}" in capsys.readouterr().err


def test_parity_with_another_checkpoint_says_so(
    roberta: Converted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(roberta.checkpoint, tmp_path / "other")
    config = json.loads((other / "config.json").read_bytes())
    (other / "config.json").write_text(json.dumps({**config, "layer_norm_eps": 0.1}))
    (other / "README.md").write_text("# Another card\n")  # a card makes no other checkpoint
    assert main(["parity", str(roberta.bundle), "--checkpoint", str(other)]) == 1
    said = capsys.readouterr().err
    assert f"other is not the checkpoint that {roberta.bundle} was made from (roberta): config.json differ" in said
    for part in ("[4/4] comparing the bundle with it … 224 texts … its vocabulary … its weights … ",):
        assert part in said
    (other / "config.json").write_bytes((roberta.checkpoint / "config.json").read_bytes())
    assert main(["parity", str(roberta.bundle), "--checkpoint", str(other)]) == 0
    assert "is not the checkpoint" not in capsys.readouterr().err


def test_a_library_stays_silent(roberta: Converted, capsys: pytest.CaptureFixture[str]) -> None:
    assert not check_parity(roberta.bundle, roberta.checkpoint).failures
    assert capsys.readouterr() == ("", "")


def failing(error: Exception) -> Any:
    def run(args: object) -> int:
        raise error

    return lambda: run


def test_what_nobody_expected_has_a_message_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnexpectedError, match=r"KeyError: 'x'; run again with --debug"):
        explained(failing(KeyError("x")), debug=False)()(parse_args(["recipes"]))
    assert capsys.readouterr().err == ""
    with pytest.raises(UnexpectedError):
        explained(failing(KeyError("x")), debug=True)()(parse_args(["recipes"]))
    assert "Traceback" in capsys.readouterr().err


def test_debug_keeps_the_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["convert", str(tmp_path / "absent"), "--output", str(tmp_path / "bundle"), "--quiet"]
    assert main(command) == 2
    plain = capsys.readouterr().err
    assert main([*command, "--debug"]) == 2
    traced = capsys.readouterr().err
    assert "Traceback" not in plain and traced.startswith("Traceback") and traced.endswith(plain)
    assert names(tmp_path) == []
