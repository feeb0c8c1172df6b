"""Signed loads: a bundle runs only if a key signed every byte of it, and is the one whose digest the caller pinned."""

import copy
import json
import os
import pickle
import random
import sys
from collections.abc import Callable
from pathlib import Path

import linnet
import numpy as np
import pytest
from commands import Run
from linnet.bundle import remembering
from linnet.bundle.opening import open_bundle
from linnet.errors import BundleError, BundleIntegrityError, BundleSignatureError, InputError
from linnet.packing.fitting import graph_of
from linnet.trust.opening import open_trusted
from signing import fingerprint, key_of, private_pem, public_pem, rooted, statement_of, write_signature

KEY, OTHER = key_of(1), key_of(2)
WEIGHTS = "onnx/model_quantized.onnx_data"
Replace = Callable[[Path, bytes], None]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    file = tmp_path / "signer.pub"
    file.write_bytes(public_pem(KEY))
    return file


@pytest.fixture
def signed(tiny_copy: Path) -> Path:
    write_signature(tiny_copy, KEY)
    return tiny_copy


def flipped(content: bytes, at: int = -1, by: int = 1) -> bytes:
    changed = bytearray(content)
    changed[at] ^= by
    return bytes(changed)


def test_a_signed_bundle_loads_and_says_who_signed_it(signed: Path, public: Path, embedder: linnet.Embedder) -> None:
    model = linnet.load(signed, key=public)
    assert isinstance(model, linnet.Embedder)
    assert model.bundle.signed_by == fingerprint(KEY)
    assert np.array_equal(model("a text"), embedder("a text"))
    assert linnet.load_embedder(signed, key=public_pem(KEY)).bundle.signed_by == fingerprint(KEY)
    assert linnet.load(signed, key=str(public)).bundle.signed_by == fingerprint(KEY)


def test_a_classifier_loads_with_a_key(bundle_copy: Path, public: Path) -> None:
    write_signature(bundle_copy, KEY)
    assert linnet.load_classifier(bundle_copy, key=public)("Good news!").label == "positive"


def test_without_a_key_nothing_is_demanded(signed: Path) -> None:
    assert linnet.load(signed).bundle.signed_by is None


@pytest.mark.parametrize("load", [linnet.load, linnet.load_embedder])
def test_a_key_and_no_signature_is_a_refusal(
    load: Callable[..., object], tiny: Path, public: Path, tiny_copy: Path
) -> None:
    with pytest.raises(BundleSignatureError, match=f"signature of the key {fingerprint(KEY)}, found no model.sig"):
        load(tiny_copy, key=public)


def test_the_embedded_default_is_not_signed(public: Path) -> None:
    with pytest.raises(BundleSignatureError, match=r"found no model\.sig"):
        linnet.load(key=public)


def test_another_key_is_refused(signed: Path) -> None:
    with pytest.raises(
        BundleSignatureError, match=f"key {fingerprint(OTHER)}, found one of the key '{fingerprint(KEY)}'"
    ):
        linnet.load(signed, key=public_pem(OTHER))


def test_a_signature_that_only_names_the_key_is_refused(signed: Path, public: Path) -> None:
    write_signature(signed, OTHER)
    file = signed / "model.sig"
    file.write_bytes(file.read_bytes().replace(fingerprint(OTHER).encode(), fingerprint(KEY).encode()))
    with pytest.raises(BundleSignatureError, match="is not of the key"):
        linnet.load(signed, key=public)


def test_a_key_in_the_bundle_proves_nothing(tiny_copy: Path, tmp_path: Path) -> None:
    (tiny_copy / "signer.pub").write_bytes(public_pem(KEY))
    write_signature(tiny_copy, KEY)
    (tmp_path / "link").symlink_to(tiny_copy / "signer.pub")
    for key in (tiny_copy / "signer.pub", tmp_path / "link"):
        with pytest.raises(InputError, match="is in the bundle's folder"):
            linnet.load(tiny_copy, key=key)


def test_unusable_keys_are_refused_by_name(signed: Path, tmp_path: Path) -> None:
    (tmp_path / "private.pem").write_bytes(private_pem(KEY))
    with pytest.raises(InputError, match=r"private\.pem: expected a public key, found a private one"):
        linnet.load(signed, key=tmp_path / "private.pem")
    with pytest.raises(InputError, match="cannot read the key"):
        linnet.load(signed, key=tmp_path / "nothing.pub")
    (tmp_path / "huge.pub").write_bytes(bytes(1 << 20))
    with pytest.raises(InputError, match="more than 65536 bytes"):
        linnet.load(signed, key=tmp_path / "huge.pub")


def test_altered_weights_are_found_before_onnxruntime_reads_them(
    signed: Path, public: Path, replace: Replace, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(signed / WEIGHTS, flipped((signed / WEIGHTS).read_bytes()))
    assert linnet.load(signed)  # which checks the size of the weights only

    def session(*_: object, **__: object) -> None:
        raise AssertionError("onnxruntime was called")

    monkeypatch.setattr("linnet.inference.session._GraphSession", session)
    for demand in ({"key": public}, {"digest": open_bundle(signed).digest}, {"verify": "full"}, {"verify": "once"}):
        with pytest.raises(BundleIntegrityError, match="onnx_data was altered"):
            linnet.load(signed, **demand)


def test_onnxruntime_gets_the_file_that_was_hashed_and_no_path(signed: Path, public: Path) -> None:
    """A path can stand for another file when it is opened again, for example if its folder is swapped twice."""
    assert graph_of(open_bundle(signed)).folder() == (signed / WEIGHTS).parent.resolve()
    assert graph_of(open_trusted(signed, key=public)).folder() is None


def test_what_is_altered_with_its_manifest_is_found(
    signed: Path, public: Path, rewrite_json: Callable[..., None]
) -> None:
    rewrite_json(signed, "linnet.json", max_length=16)
    assert linnet.load(signed)
    with pytest.raises(BundleIntegrityError, match=r"manifest\.json was altered"):
        linnet.load(signed, key=public)


@pytest.mark.parametrize("name", ["extra.py", "onnx/more.onnx", ".hidden", "deep/er/.git", "Model.sig", ".gitmodules"])
def test_every_file_that_is_not_signed_is_a_refusal(signed: Path, public: Path, name: str) -> None:
    (signed / name).parent.mkdir(parents=True, exist_ok=True)
    (signed / name).touch()
    with pytest.raises(BundleSignatureError, match=f"expected only signed files, found '{name}'"):
        linnet.load(signed, key=public)


def test_a_file_that_the_signer_ignored_is_a_refusal_too(tiny_copy: Path, public: Path) -> None:
    statement = statement_of(tiny_copy)
    statement["predicate"]["serialization"]["ignore_paths"].append("notes.txt")
    write_signature(tiny_copy, KEY, statement)
    assert linnet.load(tiny_copy, key=public)
    (tiny_copy / "notes.txt").touch()
    with pytest.raises(BundleSignatureError, match=r"found 'notes\.txt'"):
        linnet.load(tiny_copy, key=public)


def test_only_what_the_specification_leaves_out_may_be_unsigned(signed: Path, public: Path) -> None:
    (signed / ".git" / "objects").mkdir(parents=True)
    for name in (".gitattributes", ".gitignore", ".git/config", ".git/objects/a"):
        (signed / name).touch()
    assert linnet.load(signed, key=public)


def test_many_unsigned_files_are_named_in_short(signed: Path, public: Path) -> None:
    for number in range(1000):
        (signed / f"{number}\n").touch()
    with pytest.raises(BundleSignatureError) as caught:
        linnet.load(signed, key=public)
    assert len(str(caught.value)) < 500 and "and more" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders there")
def test_a_pipe_is_a_file_that_is_not_signed(signed: Path, public: Path) -> None:
    os.mkfifo(signed / "pipe")
    with pytest.raises(BundleSignatureError, match="found 'pipe'"):
        linnet.load(signed, key=public)


@pytest.mark.parametrize("name", ["config.json", "manifest.json", WEIGHTS])
def test_a_missing_file_is_a_refusal(signed: Path, public: Path, name: str) -> None:
    (signed / name).unlink()
    with pytest.raises(BundleSignatureError, match=f"all signed files, '{name}' missing"):
        linnet.load(signed, key=public)


@pytest.mark.parametrize("folder", [False, True])
def test_a_link_is_not_what_was_signed(signed: Path, public: Path, tmp_path: Path, folder: bool) -> None:
    name = "onnx" if folder else "config.json"
    (signed / name).rename(tmp_path / "elsewhere")
    (signed / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleSignatureError, match=r"found a link|expected only signed files, found 'onnx'"):
        linnet.load(signed, key=public)


def test_links_that_the_signer_followed_are_files(tiny_copy: Path, public: Path, tmp_path: Path) -> None:
    (tiny_copy / "config.json").rename(tmp_path / "elsewhere")
    (tiny_copy / "config.json").symlink_to(tmp_path / "elsewhere")
    statement = statement_of(tiny_copy)
    statement["predicate"]["serialization"]["allow_symlinks"] = True
    write_signature(tiny_copy, KEY, statement)
    assert linnet.load(tiny_copy, key=public)


def test_signed_files_that_the_manifest_does_not_list_are_hashed(
    tiny_copy: Path, public: Path, replace: Replace
) -> None:
    (tiny_copy / "notice.txt").write_text("a notice")
    write_signature(tiny_copy, KEY)
    assert linnet.load(tiny_copy, key=public)
    replace(tiny_copy / "notice.txt", b"a motice")
    with pytest.raises(BundleIntegrityError, match=r"notice\.txt was altered"):
        linnet.load(tiny_copy, key=public)


def test_a_manifest_that_the_signature_contradicts_is_refused(tiny_copy: Path, public: Path, replace: Replace) -> None:
    """Who signs with another tool can sign a damaged bundle; then the manifest and the signature disagree."""
    replace(tiny_copy / WEIGHTS, flipped((tiny_copy / WEIGHTS).read_bytes()))
    write_signature(tiny_copy, KEY)
    with pytest.raises(BundleSignatureError, match=r"disagree about onnx/model_quantized\.onnx_data"):
        linnet.load(tiny_copy, key=public)


def test_a_manifest_that_is_not_signed_is_refused(tiny_copy: Path, public: Path) -> None:
    statement = statement_of(tiny_copy)
    resources = statement["predicate"]["resources"]
    statement["predicate"]["resources"] = [entry for entry in resources if entry["name"] != "manifest.json"]
    write_signature(tiny_copy, KEY, rooted(statement))
    with pytest.raises(BundleSignatureError, match=r"only signed files, found 'manifest\.json'"):
        linnet.load(tiny_copy, key=public)


def test_a_pinned_digest_stops_a_rollback(
    signed: Path, public: Path, rewrite_json: Callable[..., None], run: Run
) -> None:
    """Both versions are signed by the key; the digest refuses the older one."""
    older = open_bundle(signed).digest
    rewrite_json(signed, "linnet.json", max_length=64)
    write_signature(signed, KEY)
    newer = run("info", signed, "--digest").out
    assert newer == f"{open_bundle(signed).digest}\n" != f"{older}\n"
    assert linnet.load(signed, key=public, digest=newer.strip().upper())
    with pytest.raises(BundleIntegrityError, match=f"expected the digest {older}"):
        linnet.load(signed, key=public, digest=older)
    with pytest.raises(BundleIntegrityError, match=f"expected the digest {older}"):
        linnet.load(signed, digest=older)


@pytest.mark.parametrize("digest", ["", "abc", "0" * 63, "g" * 64, 7])
def test_a_digest_that_is_none_is_refused(tiny: Path, digest: object) -> None:
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        linnet.load(tiny, digest=digest)  # type: ignore[call-overload]


def test_verify_has_two_values(tiny: Path) -> None:
    with pytest.raises(InputError, match="'full' or 'once', found 'twice'"):
        linnet.load(tiny, verify="twice")  # type: ignore[call-overload]


class Counting:
    """Counts the files that were hashed as weights."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        original = remembering.sha256_of_file

        def counted(stream: object, compute: Callable[[], str], *, once: bool) -> str:
            def computed() -> str:
                self.count += 1
                return compute()

            return original(stream, computed, once=once)  # type: ignore[arg-type]

        monkeypatch.setattr("linnet.bundle.folder.sha256_of_file", counted)
        monkeypatch.setattr("linnet.bundle.remembering._HASHES", {})


def test_once_hashes_again_only_what_seems_changed(
    signed: Path, public: Path, replace: Replace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = Counting(monkeypatch)
    monkeypatch.setattr("linnet.bundle.remembering._SETTLED", -1e9)
    for expected in (1, 1, 1):
        open_trusted(signed, key=public, verify="once")
        assert hashed.count == expected
    open_trusted(signed, key=public)  # by default, all is hashed
    assert hashed.count == 2
    os.utime(signed / WEIGHTS)
    open_trusted(signed, key=public, verify="once")
    assert hashed.count == 3
    content = (signed / WEIGHTS).read_bytes()
    times = (signed / WEIGHTS).stat()
    replace(signed / WEIGHTS, flipped(content))
    os.utime(signed / WEIGHTS, ns=(times.st_atime_ns, times.st_mtime_ns))  # the content's time is as before
    with pytest.raises(BundleIntegrityError, match="was altered"):
        open_trusted(signed, key=public, verify="once")


def test_a_file_that_has_just_changed_is_not_remembered(
    signed: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = Counting(monkeypatch)
    os.utime(signed / WEIGHTS)
    for expected in (1, 2):
        open_trusted(signed, key=public, verify="once")
        assert hashed.count == expected


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linnet.bundle.remembering._SETTLED", -1e9)
    monkeypatch.setattr("linnet.bundle.remembering._MOST", 3)
    monkeypatch.setattr("linnet.bundle.remembering._HASHES", {})
    for number in range(10):
        (tmp_path / str(number)).touch()
        with (tmp_path / str(number)).open("rb") as stream:
            remembering.sha256_of_file(stream, lambda: "a", once=True)
    assert 1 <= len(remembering._HASHES) <= 3


def test_a_pickled_model_makes_the_same_demands(signed: Path, public: Path, replace: Replace) -> None:
    model = linnet.load(signed, key=public, verify="full")
    content = pickle.dumps(model)
    public.unlink()  # the key travels with the model
    assert pickle.loads(content).bundle.signed_by == fingerprint(KEY)
    assert copy.copy(model) is model
    (signed / "extra").touch()
    with pytest.raises(BundleSignatureError, match="only signed files"):
        pickle.loads(content)
    (signed / "extra").unlink()
    replace(signed / WEIGHTS, flipped((signed / WEIGHTS).read_bytes()))
    with pytest.raises(BundleIntegrityError, match="was altered"):
        pickle.loads(content)
    (signed / "model.sig").unlink()
    with pytest.raises(BundleSignatureError, match=r"found no model\.sig"):
        pickle.loads(content)


def test_without_cryptography_a_key_is_a_refusal(
    signed: Path, public: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    match = r"the extra 'verify', found no cryptography: pip install 'cryptography>=42'"
    with pytest.raises(linnet.MissingPackageError, match=match):
        linnet.load(signed, key=public)
    found = run("verify", signed, "--key", public)
    assert found.status == 2 and "pip install 'cryptography>=42'" in found.err
    assert linnet.load(signed, digest=open_bundle(signed).digest)  # hashes need no extra


def test_verify_says_who_signed(signed: Path, public: Path, run: Run) -> None:
    found = run("verify", signed, "--key", public)
    assert found.status == 0 and found.out.splitlines()[-1] == f"signed by the key {fingerprint(KEY)}"
    assert found.err == ""
    found = run("verify", signed)
    assert found.status == 0 and "model.sig was not checked" in found.err and "signed by" not in found.out


def test_verify_fails_where_a_load_would(signed: Path, public: Path, run: Run, replace: Replace) -> None:
    (signed / "extra").touch()
    found = run("verify", signed, "--key", public)
    assert found.status == 1 and "only signed files" in found.err and "signed by" not in found.out
    (signed / "extra").unlink()
    replace(signed / WEIGHTS, flipped((signed / WEIGHTS).read_bytes()))
    found = run("verify", signed, "--key", public)
    assert found.status == 1 and "was altered" in found.err and "signed by" not in found.out
    found = run("verify", signed, "--key", public, "--sha256", "0" * 64)
    assert found.status == 1 and "expected the digest" in found.err


def test_verify_hashes_signed_files_that_the_manifest_does_not_list(
    tiny_copy: Path, public: Path, run: Run, replace: Replace
) -> None:
    (tiny_copy / "notice.txt").write_text("a notice")
    (tiny_copy / ".gitattributes").touch()
    write_signature(tiny_copy, KEY)
    found = run("verify", tiny_copy, "--key", public)
    assert found.status == 0 and ".gitattributes is left out of signatures" in found.err
    assert json.loads((tiny_copy / "manifest.json").read_bytes())["files"]
    replace(tiny_copy / "notice.txt", b"a motice")
    found = run("verify", tiny_copy, "--key", public)
    assert found.status == 1 and "notice.txt was altered" in found.err


def test_a_flipped_bit_anywhere_is_found(signed: Path, public: Path, replace: Replace) -> None:
    """``scripts/flips.py`` flips 10,000 bytes."""
    chance = random.Random(0)
    contents = {path: path.read_bytes() for path in sorted(signed.rglob("*")) if path.is_file()}
    for _ in range(300):
        file = chance.choice(list(contents))
        content = contents[file]
        replace(file, flipped(content, chance.randrange(len(content)), chance.randrange(1, 256)))
        with pytest.raises(BundleError):
            open_trusted(signed, key=public)
        replace(file, content)
    assert open_trusted(signed, key=public).signed_by
