import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from linnet.bundle.integrity import record
from linnet.bundle.opening import open_bundle
from linnet.names import COMPACT_TOKENIZER, MANIFEST
from small_unigram import write_small_unigram


@pytest.fixture(scope="session")
def tiny() -> Path:
    """A small embedding bundle, which has a ``tokenizer.json`` alone."""
    return Path(__file__).parents[2] / "runtime" / "tiny_embedder"


@pytest.fixture(scope="session")
def unigram(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same graph with another tokenizer, which has a ``tokenizer.unigram``."""
    folder = Path(shutil.copytree(tiny, tmp_path_factory.mktemp("bundles") / "unigram"))
    write_small_unigram(folder)
    manifest = open_bundle(tiny).manifest
    paths = [*(listed.path for listed in manifest.files), COMPACT_TOKENIZER]
    changed = replace(manifest, files=tuple(record(folder, path) for path in paths))
    (folder / MANIFEST).write_text(json.dumps(changed.as_json()))
    return folder
