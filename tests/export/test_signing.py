"""``linnet-export keygen`` and ``sign``: key pairs that nothing overwrites, and signatures that the runtime checks."""

import getpass
import json
import shutil
import stat
import sys
from pathlib import Path

import linnet
import linnet_export.cli.main
import pytest
from commands import Result
from linnet.bundle.opening import open_bundle
from linnet.errors import BundleIntegrityError, BundleSignatureError
from linnet_export.signing.names import CURVES, PASSPHRASE
from signing import statement_of

TINY = Path(__file__).parents[1] / "runtime" / "tiny_embedder"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "bundle"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.delenv(PASSPHRASE, raising=False)
    return Run(capsys)


class Run:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *argv: str | Path) -> Result:
        status = linnet_export.cli.main.main([str(argument) for argument in argv])
        return Result(status, *self._capsys.readouterr())


@pytest.mark.parametrize("curve", CURVES)
def test_what_is_signed_is_verified(bundle: Path, tmp_path: Path, run: Run, curve: str) -> None:
    made = run("keygen", "--output", tmp_path / "signer.pem", "--curve", curve)
    fingerprint = made.out.split()[-1]
    signed = run("sign", bundle, "--key", tmp_path / "signer.pem")
    assert (made.status, signed.status) == (0, 0)
    assert signed.out == f"{bundle / 'model.sig'}: signed by the key {fingerprint}\n"
    assert linnet.load(bundle, key=tmp_path / "signer.pem.pub").bundle.signed_by == fingerprint
    assert list(bundle.parent.glob("bundle*")) == [bundle]


def test_what_is_signed_are_all_files_in_order(bundle: Path, tmp_path: Path, run: Run) -> None:
    import base64

    for name in (".gitattributes", "notes.txt", "onnx-notes.txt"):
        (bundle / name).write_text("a note")
    run("keygen", "--output", tmp_path / "signer.pem")
    signed = run("sign", bundle, "--key", tmp_path / "signer.pem")
    assert "notes.txt is signed too" in signed.err and ".gitattributes" not in signed.err
    payload = base64.b64decode(json.loads((bundle / "model.sig").read_bytes())["dsseEnvelope"]["payload"])
    found, expected = json.loads(payload), statement_of(bundle)
    assert (found["predicate"]["resources"], found["subject"]) == (
        expected["predicate"]["resources"],
        expected["subject"],
    )
    assert b" " not in payload + (bundle / "model.sig").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
def test_only_its_owner_can_read_a_private_key(tmp_path: Path, run: Run) -> None:
    run("keygen", "--output", tmp_path / "signer.pem")
    assert stat.S_IMODE((tmp_path / "signer.pem").stat().st_mode) == 0o600
    assert b"PRIVATE" not in (tmp_path / "signer.pem.pub").read_bytes()


@pytest.mark.parametrize("taken", ["signer.pem", "signer.pem.pub"])
def test_keys_are_never_overwritten(tmp_path: Path, run: Run, taken: str) -> None:
    (tmp_path / taken).write_text("a key")
    found = run("keygen", "--output", tmp_path / "signer.pem")
    assert found.status == 2 and f"{taken} exists, and keys are never overwritten" in found.err
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(taken, "a key")]


def test_a_key_can_have_a_passphrase(bundle: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "signer.pem"
    monkeypatch.setenv(PASSPHRASE, "a passphrase")
    assert "encrypted" in run("keygen", "--output", key).out
    assert b"ENCRYPTED" in key.read_bytes()
    assert run("sign", bundle, "--key", key).status == 0
    monkeypatch.setenv(PASSPHRASE, "another")
    assert "found another passphrase" in run("sign", bundle, "--key", key, "--overwrite").err
    monkeypatch.delenv(PASSPHRASE)
    monkeypatch.setattr(sys, "stdin", None)
    found = run("sign", bundle, "--key", key, "--overwrite")
    assert found.status == 2 and f"set {PASSPHRASE} to its passphrase" in found.err


def test_a_passphrase_is_asked_twice(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    answers = iter(["one", "two", "same", "same"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    assert "found two" in run("keygen", "--output", tmp_path / "signer.pem", "--passphrase").err
    assert not list(tmp_path.iterdir())
    assert run("keygen", "--output", tmp_path / "signer.pem", "--passphrase").status == 0
    monkeypatch.setattr(sys, "stdin", None)
    assert "there is none" in run("keygen", "--output", tmp_path / "other.pem", "--passphrase").err


def test_an_altered_bundle_is_not_signed(bundle: Path, tmp_path: Path, run: Run) -> None:
    run("keygen", "--output", tmp_path / "signer.pem")
    weights = bundle / "onnx" / "model_quantized.onnx_data"
    weights.write_bytes(bytes(weights.stat().st_size))
    found = run("sign", bundle, "--key", tmp_path / "signer.pem")
    assert found.status == 1 and "was altered" in found.err
    assert not (bundle / "model.sig").exists()


def test_a_signature_is_replaced_only_on_request(bundle: Path, tmp_path: Path, run: Run) -> None:
    """So a key is rotated: sign again with the new one."""
    for name in ("old.pem", "new.pem"):
        run("keygen", "--output", tmp_path / name)
    assert run("sign", bundle, "--key", tmp_path / "old.pem").status == 0
    found = run("sign", bundle, "--key", tmp_path / "new.pem")
    assert found.status == 2 and "--overwrite" in found.err
    assert run("sign", bundle, "--key", tmp_path / "new.pem", "--overwrite").status == 0
    assert linnet.load(bundle, key=tmp_path / "new.pem.pub")
    with pytest.raises(BundleSignatureError):
        linnet.load(bundle, key=tmp_path / "old.pem.pub")


def test_the_private_key_is_not_passed_on(bundle: Path, run: Run) -> None:
    run("keygen", "--output", bundle / "signer.pem")
    found = run("sign", bundle, "--key", bundle / "signer.pem")
    assert found.status == 2 and "would be passed on with it" in found.err


def test_links_are_not_signed(bundle: Path, tmp_path: Path, run: Run) -> None:
    run("keygen", "--output", tmp_path / "signer.pem")
    (bundle / "config.json").rename(tmp_path / "elsewhere")
    (bundle / "config.json").symlink_to(tmp_path / "elsewhere")
    found = run("sign", bundle, "--key", tmp_path / "signer.pem")
    assert found.status == 2 and "config.json is a link" in found.err


@pytest.mark.parametrize("content", ["", "nothing", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_private_key_is_refused(bundle: Path, tmp_path: Path, run: Run, content: str) -> None:
    (tmp_path / "signer.pem").write_text(content)
    found = run("sign", bundle, "--key", tmp_path / "signer.pem")
    assert found.status == 2 and "expected a private key in PEM form" in found.err
    assert "cannot read the key" in run("sign", bundle, "--key", tmp_path / "nothing.pem").err


def test_the_signature_is_no_part_of_the_manifest(bundle: Path, tmp_path: Path, run: Run) -> None:
    digest = open_bundle(bundle).digest
    run("keygen", "--output", tmp_path / "signer.pem")
    run("sign", bundle, "--key", tmp_path / "signer.pem")
    assert open_bundle(bundle).digest == digest
    assert linnet.load(bundle, key=tmp_path / "signer.pem.pub", digest=digest)
    with pytest.raises(BundleIntegrityError):
        linnet.load(bundle, key=tmp_path / "signer.pem.pub", digest="0" * 64)
