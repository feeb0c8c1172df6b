"""The real client against a hub on the loopback: what is not there."""

import json
import socket
from pathlib import Path

import pytest
from hub_files import ID, WEIGHTS, fetch_all, make_folder
from hub_server import LoopbackHub, use_endpoint
from linnet.errors import InputError
from linnet_export.errors import (
    HubConnectionError,
    HubError,
    HubIntegrityError,
    HubNotFoundError,
)
from linnet_export.source.hub import client, resolve


def test_no_such_repository(hub: LoopbackHub, commit: str) -> None:
    with pytest.raises(
        HubNotFoundError, match="no repository cardiffnlp/twitter-roberta: check the spelling"
    ) as raised:
        resolve("cardiffnlp/twitter-roberta")
    assert isinstance(raised.value, InputError)
    assert len(hub.requests) == 1  # trying again would not help


def test_no_such_revision(hub: LoopbackHub, commit: str) -> None:
    with pytest.raises(HubNotFoundError, match=r"no revision 'v9'.*--revision"):
        resolve(ID, "v9")


def test_no_such_file(hub: LoopbackHub, commit: str) -> None:
    with pytest.raises(HubNotFoundError, match=r"has no model.safetensors"):
        resolve(ID).fetch(["config.json", "model.safetensors"])
    assert not hub.fetched()


def test_a_listed_file_that_is_not_there(hub: LoopbackHub, commit: str) -> None:
    snapshot = resolve(ID)
    del hub.repositories[ID].commits[commit]["vocab.json"]
    with pytest.raises(HubNotFoundError, match="lists a file that it does not have"):
        fetch_all(snapshot)


def test_no_checkpoint(hub: LoopbackHub, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "tensorflow")
    (folder / WEIGHTS).unlink()
    hub.add_repository(ID, folder)
    with pytest.raises(HubNotFoundError, match=r"it has no weights .model.safetensors or pytorch_model.bin"):
        resolve(ID).conversion_files()


def test_no_id(hub: LoopbackHub) -> None:
    with pytest.raises(HubNotFoundError, match="expected a hub id"):
        resolve("bert")
    assert not hub.requests


def test_no_connection(monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(client, "PAUSES", (0.0,) * 5)
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        use_endpoint(monkeypatch, f"http://127.0.0.1:{taken.getsockname()[1]}", cache)
        with pytest.raises(HubConnectionError, match=r"no connection .http://127.* HF_ENDPOINT .*--offline") as raised:
            resolve(ID)
    assert not isinstance(raised.value, InputError)
    assert capsys.readouterr().err.count("no connection; trying again in 0 s") == 2


@pytest.mark.parametrize("status", [403, 418, 500, 504])
def test_other_answers(status: int, hub: LoopbackHub, commit: str) -> None:
    hub.answer("api", status, times=9)
    with pytest.raises(HubError, match=str(status)):
        resolve(ID)
    assert len(hub.requests) == (3 if status >= 500 else 1)


@pytest.mark.parametrize("page", [b"<html>Log in to the network</html>", b"[]", b"{}", b'{"id": "a/b", "sha": "x"}'])
def test_what_is_no_hub(page: bytes, hub: LoopbackHub, commit: str) -> None:
    hub.page = page
    with pytest.raises(HubConnectionError, match=r"does not answer as a Hugging Face hub does.*HF_ENDPOINT"):
        resolve(ID)


def test_a_listing_without_hashes(hub: LoopbackHub, commit: str) -> None:
    """What the listing lacks is in the headers of each file."""
    hub.names_only = True
    snapshot = resolve(ID)
    assert all(file.digest for file in snapshot.files)
    assert snapshot.fetch(["config.json"]).joinpath("config.json").is_file()
    hub.alter(ID, WEIGHTS)
    with pytest.raises(HubIntegrityError, match=WEIGHTS):
        snapshot.fetch([WEIGHTS])


def test_a_hub_without_hashes(hub: LoopbackHub, commit: str) -> None:
    hub.page = json.dumps({"id": ID, "sha": commit, "siblings": [{"rfilename": "config.json", "size": 3}]}).encode()
    with pytest.raises(HubConnectionError, match=r"no hash of config.json"):
        resolve(ID)
