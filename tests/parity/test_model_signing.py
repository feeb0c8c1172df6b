"""Signatures beside the reference implementation, `model-signing`: what one signs, the other verifies.

It is in an environment of its own, ``.venv-model-signing``, which ``scripts/test`` makes.
"""

import shutil
import subprocess
from pathlib import Path

import linnet
import pytest
from linnet.errors import BundleError, BundleSignatureError
from linnet_export.signing.keys import make_keys, read_private_key
from linnet_export.signing.signature import sign

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "runtime" / "tiny_embedder"
TOOL = ROOT / ".venv-model-signing" / "bin" / "model_signing"

pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="model-signing is not installed in .venv-model-signing")

SHARDS = """
import sys
import model_signing
config = model_signing.signing.Config().use_elliptic_key_signer(private_key=sys.argv[2])
config.set_hashing_config(model_signing.hashing.Config().use_shard_serialization(shard_size=1000))
config.sign(sys.argv[1], sys.argv[1] + "/model.sig")
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "bundle"))


@pytest.fixture(params=["p256", "p384"])
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make_keys(tmp_path / "signer.pem", request.param, None)
    return tmp_path / "signer.pem"


@pytest.fixture
def one_key(tmp_path: Path) -> Path:
    make_keys(tmp_path / "signer.pem", "p256", None)
    return tmp_path / "signer.pem"


def public(key: Path) -> Path:
    return key.with_name(f"{key.name}.pub")


def signed_there(bundle: Path, key: Path, *options: str | Path) -> None:
    signature = ("--signature", bundle / "model.sig", "--private_key", key)
    subprocess.run([TOOL, "sign", "key", *signature, *options, bundle], check=True, capture_output=True)


def verified_there(bundle: Path, key: Path) -> bool:
    signature = ("--signature", bundle / "model.sig", "--public_key", public(key))
    return subprocess.run([TOOL, "verify", "key", *signature, bundle], capture_output=True).returncode == 0


def test_what_linnet_signs_the_reference_verifies(bundle: Path, key: Path) -> None:
    (bundle / "onnx-notes.txt").write_text("a note")  # which the reference itself would put after onnx/…
    (bundle / ".gitattributes").touch()
    sign(bundle, read_private_key(key, None))
    assert verified_there(bundle, key)
    (bundle / "onnx-notes.txt").write_text("a mote")
    assert not verified_there(bundle, key)


def test_what_the_reference_signs_linnet_verifies(bundle: Path, key: Path) -> None:
    for name in ("onnx-notes.txt", ".gitattributes"):
        (bundle / name).write_text("a note")
    signed_there(bundle, key)
    assert linnet.load(bundle, key=public(key)).bundle.signed_by
    (bundle / "onnx-notes.txt").write_text("a mote")
    with pytest.raises(BundleError, match=r"onnx-notes\.txt was altered"):
        linnet.load(bundle, key=public(key))


def test_what_its_signer_ignored_is_refused_while_it_is_there(bundle: Path, one_key: Path) -> None:
    (bundle / "notes.txt").write_text("a note")
    signed_there(bundle, one_key, "--ignore-paths", bundle / "notes.txt")
    assert verified_there(bundle, one_key)
    with pytest.raises(BundleSignatureError, match=r"only signed files, found 'notes\.txt'"):
        linnet.load(bundle, key=public(one_key))
    (bundle / "notes.txt").unlink()
    assert linnet.load(bundle, key=public(one_key))


def test_its_links_are_read_where_it_followed_them(bundle: Path, one_key: Path, tmp_path: Path) -> None:
    (bundle / "config.json").rename(tmp_path / "elsewhere")
    (bundle / "config.json").symlink_to(tmp_path / "elsewhere")
    signed_there(bundle, one_key, "--allow_symlinks")
    assert linnet.load(bundle, key=public(one_key))


def test_its_shards_are_refused_by_name(bundle: Path, one_key: Path) -> None:
    subprocess.run([TOOL.with_name("python"), "-c", SHARDS, bundle, one_key], check=True, capture_output=True)
    with pytest.raises(BundleSignatureError, match="found 'shards', which Linnet does not read: sign whole files"):
        linnet.load(bundle, key=public(one_key))
