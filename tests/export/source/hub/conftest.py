"""A hub on the loopback for every test, and no connection to any other place."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_files import ID, MIB, make_folder
from hub_server import LoopbackHub
from linnet_export.source.hub import client


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of the hub leaves this machine."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: Any) -> None:
        assert isinstance(address, str) or address[0] in ("127.0.0.1", "::1"), f"a connection to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, cache: Path) -> Iterator[LoopbackHub]:
    """An empty hub, which is this process's; tries follow one another at once."""
    monkeypatch.setattr(client, "PAUSES", (0.0,) * 5)
    with LoopbackHub() as hub:
        hub.use(monkeypatch, cache)
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the repository has, the weights small."""
    return make_folder(tmp_path / "repository")


@pytest.fixture
def commit(hub: LoopbackHub, folder: Path) -> str:
    return hub.add_repository(ID, folder)


@pytest.fixture
def large(hub: LoopbackHub, tmp_path: Path) -> Path:
    """The same with weights of 23 MiB and a bit, served instead."""
    folder = make_folder(tmp_path / "large", weights=23 * MIB + 12345)
    hub.add_repository(ID, folder)
    return folder
