"""``linnet-export convert owner/name``, as a user runs it, against a hub on the loopback."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from checkpoints import Converted
from hub_server import LoopbackHub

ID = "somebody/small"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with LoopbackHub() as hub:
        yield hub


@pytest.fixture
def published(roberta: Converted, tmp_path: Path) -> Path:
    """A repository of a permissive licence."""
    folder = shutil.copytree(roberta.checkpoint, tmp_path / "published")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Small\n")
    (folder / "tf_model.h5").write_bytes(b"not read")
    return folder


@pytest.fixture
def run(hub: LoopbackHub, tmp_path: Path) -> Run:
    def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "linnet_export", command, *arguments],
            env=hub.environment(tmp_path / "cache"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    return run


def test_a_licence_that_nobody_states_stops_before_the_weights_are_fetched(
    hub: LoopbackHub, run: Run, published: Path, tmp_path: Path
) -> None:
    (published / "README.md").write_text("# Small\n")
    hub.add_repository(ID, published)
    stopped = run("convert", ID, "--output", "bundle")
    assert stopped.returncode == 2
    assert ID in stopped.stderr and "--accept-licence" in stopped.stderr and "Traceback" not in stopped.stderr
    assert hub.fetched() == {"README.md"}
    assert not (tmp_path / "bundle").exists()


def test_the_same_revision_gives_the_same_bytes_and_a_moved_branch_is_told(
    hub: LoopbackHub, run: Run, published: Path, tmp_path: Path
) -> None:
    first = hub.add_repository(ID, published)
    assert run("convert", ID, "--output", "first").returncode == 0
    assert "tf_model.h5" not in hub.fetched()
    (published / "README.md").write_text("---\nlicense: mit\n---\n# Small, by another card\n")
    second = hub.add_repository(ID, published)
    moved = run("convert", ID, "--output", "second")
    assert moved.returncode == 0
    assert f"main was {first}, is now {second}" in moved.stderr
    asked = len(hub.requests)
    pinned = run("convert", ID, "--output", "pinned", "--revision", first, "--offline")
    assert pinned.returncode == 0, pinned.stderr
    assert len(hub.requests) == asked
    for bundle, commit in (("first", first), ("second", second), ("pinned", first)):
        manifest = json.loads((tmp_path / bundle / "manifest.json").read_bytes())
        assert manifest["source"]["revision"] == commit
    for name in ("onnx/model_quantized.onnx", "onnx/model_quantized.onnx_data", "tokenizer.json", "config.json"):
        content = (tmp_path / "first" / name).read_bytes()
        assert content == (tmp_path / "second" / name).read_bytes() == (tmp_path / "pinned" / name).read_bytes()
    assert run("parity", "first", "--checkpoint", ID, "--offline").returncode == 0


def test_an_altered_file_and_a_lacking_cache_are_refused(
    hub: LoopbackHub, run: Run, published: Path, tmp_path: Path
) -> None:
    commit = hub.add_repository(ID, published)
    hub.alter(ID, "model.safetensors")
    altered = run("convert", ID, "--output", "bundle")
    assert altered.returncode == 1
    assert "model.safetensors" in altered.stderr and "sha256" in altered.stderr
    offline = run("convert", ID, "--output", "bundle", "--offline")
    assert offline.returncode == 2
    assert "model.safetensors" in offline.stderr and commit in offline.stderr and "hf download" in offline.stderr
    assert "config.json (" not in offline.stderr  # it is there
    assert not (tmp_path / "bundle").exists()


def test_offline_names_everything_that_is_missing_at_once(hub: LoopbackHub, run: Run, published: Path) -> None:
    (published / "README.md").write_text("# Small\n")
    hub.add_repository(ID, published)
    assert run("convert", ID, "--output", "bundle").returncode == 2  # the licence: only the card is here now
    offline = run("convert", ID, "--output", "bundle", "--offline")
    assert offline.returncode == 2
    for name in ("config.json", "model.safetensors", "merges.txt", "vocab.json"):
        assert f"{name} (" in offline.stderr


def test_what_cannot_be_converted_is_not_downloaded(hub: LoopbackHub, run: Run, published: Path) -> None:
    config = json.loads((published / "config.json").read_bytes())
    (published / "config.json").write_text(json.dumps({**config, "model_type": "mpnet"}))
    hub.add_repository(ID, published)
    refused = run("convert", ID, "--output", "bundle")
    assert refused.returncode == 2 and "mpnet" in refused.stderr
    assert "model.safetensors" not in hub.fetched()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((ID,), f"shows no repository {ID}"),
        (("folder", "--revision", "main"), "--revision"),
        (("nowhere",), "owner/name"),
        ((ID, "--recipe", "unheard-of"), "linnet-export recipes"),
    ],
)
def test_what_cannot_be_found_says_so(run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "folder").mkdir()
    done = run("convert", *arguments, "--output", "bundle", "--quiet")
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
