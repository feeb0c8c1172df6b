"""A server that takes only what a key signed."""

import shutil
from pathlib import Path

import pytest
import signing
from linnet.cli.main import main
from linnet.serving.access import sha256
from served import running


def test_only_what_the_key_signed_takes_traffic(
    default: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = (Path(shutil.copytree(default, tmp_path / name)) for name in ("one", "other"))
    for folder, number in ((one, 1), (other, 2)):
        signing.write_signature(folder, signing.key_of(number))
    public, admin = tmp_path / "signer.pub", tmp_path / "admin.txt"
    public.write_bytes(signing.public_pem(signing.key_of(1)))
    admin.write_text(sha256("boss"))
    with running(f"mood@1={one}", "--key", public, "--admin", admin, "--threads", "1") as server:
        assert server.ask("POST", "/", {"inputs": "a"}).status == 200
        boss = {"authorization": "Bearer boss"}
        for folder in (other, default):
            asked = {"name": "mood", "version": "2", "path": str(folder)}
            answer = server.ask("POST", "/admin/models", asked, boss)
            assert answer.status == 422 and "sign" in answer.json["error"], answer
        asked = {"name": "mood", "version": "2", "path": str(one)}
        assert server.ask("POST", "/admin/models", asked, boss).status == 200
    assert main(["serve", str(default), "--port", "0", "--key", str(public)]) == 1
    assert "sign" in capsys.readouterr().err
