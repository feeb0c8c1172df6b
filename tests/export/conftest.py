from pathlib import Path

import pytest
from checkpoints import ARCHITECTURES, Converted, make_checkpoint
from linnet_export.convert import convert


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small trained checkpoint of every architecture."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return {name: make_checkpoint(folder / name, name) for name in ARCHITECTURES}


@pytest.fixture(scope="session")
def all_converted(checkpoints: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Converted]:
    folder = tmp_path_factory.mktemp("bundles")
    for name, checkpoint in checkpoints.items():
        convert(checkpoint, folder / name)
    return {name: Converted(name, checkpoint, folder / name) for name, checkpoint in checkpoints.items()}


@pytest.fixture(params=list(ARCHITECTURES))
def converted(request: pytest.FixtureRequest, all_converted: dict[str, Converted]) -> Converted:
    """Each architecture in turn."""
    return all_converted[request.param]


@pytest.fixture
def roberta(all_converted: dict[str, Converted]) -> Converted:
    """One architecture, for what does not depend on it."""
    return all_converted["roberta"]
