"""A kit: made for a machine, installed without a network, and refused where a byte is wrong."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from bills import schema_error
from commands import attend, names
from interpreters import VERSIONS, interpreter
from linnet.bundle.opening import default_bundle
from linnet.errors import BundleIntegrityError, BundleSignatureError, InputError
from linnet_export.cli.main import main
from linnet_export.shipping import kit as kits
from linnet_export.shipping.kit import SUMS, Kit, make_kit
from linnet_export.shipping.own_wheel import requirements, write_own_wheel
from linnet_export.shipping.platforms import PLATFORMS, Target
from linnet_export.shipping.wheels import DownloadError, Wheel
from linnet_export.signing.signature import sign
from signing import fingerprint, key_of, public_pem

FOUND = [version for version in VERSIONS if interpreter(version)]
OLDEST, NEWEST = FOUND[0], FOUND[-1]
HERE = "linux-x86_64" if os.uname().machine == "x86_64" else "linux-aarch64"


def made(
    folder: Path, platform: str, python: str, bundle: Path | None = None, key: bytes | None = None
) -> tuple[Path, Kit]:
    """A kit with the embedded default; skips the test if the index cannot be reached."""
    try:
        kit = make_kit([bundle or default_bundle()], folder / "kit", Target(PLATFORMS[platform], python), key=key)
    except DownloadError as error:
        pytest.skip(f"the package index gives no wheels: {error}")
    return folder / "kit", kit


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kit]:
    """A kit for this machine and the newest Python that it has."""
    return made(tmp_path_factory.mktemp("newest"), HERE, NEWEST)


@pytest.fixture(scope="module")
def signed(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed bundle, with a file that is signed and not in its manifest."""
    bundle = Path(shutil.copytree(tiny, tmp_path_factory.mktemp("signed") / "signed"))
    (bundle / "notes.txt").write_text("mine")
    sign(bundle, key_of())
    return bundle


@pytest.fixture(scope="module")
def signed_kit(signed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kit]:
    """A kit that was made with the signer's key, for this machine and the newest Python that it has."""
    return made(tmp_path_factory.mktemp("with_key"), HERE, NEWEST, signed, public_pem(key_of()))


@pytest.fixture
def copy(kit: tuple[Path, Kit], tmp_path: Path) -> Path:
    """Its files may be replaced, never written through: they are hard links."""
    return Path(shutil.copytree(kit[0], tmp_path / "copy", copy_function=os.link))


def rewrite(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


def install(
    folder: Path, *argv: str | Path, version: str = NEWEST, isolated: bool = False, python: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs the script of a kit; with ``isolated``, where there is no network interface."""
    command = ["sh", str(folder / "install.sh"), *map(str, argv)]
    env = {
        "PATH": os.environ["PATH"],
        "PYTHON": str(python or interpreter(version)),
        "PIP_INDEX_URL": "http://127.0.0.1:9",
    }
    command = ["unshare", "-rn", *command] if isolated else command
    return subprocess.run(command, env=env, cwd=folder.parent, capture_output=True, text=True, timeout=600)


def may_unshare() -> bool:
    """Returns whether this user may make a namespace without a network."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0


def classified(target: Path) -> str:
    command = [
        str(target / "venv" / "bin" / "linnet"),
        "classify",
        "--bundle",
        str(target / "bundles" / "linnet_default"),
    ]
    done = subprocess.run(["unshare", "-rn", *command, "Good news!"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not may_unshare(), reason="unshare may not make a network namespace here")
def test_the_newest_python_installs_and_classifies_without_a_network(kit: tuple[Path, Kit], tmp_path: Path) -> None:
    done = install(kit[0], tmp_path / "new", "--digest", kit[1].digest, isolated=True)
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stdout and "-m linnet classify --bundle" in done.stdout
    assert classified(tmp_path / "new").startswith("positive\t")
    again = install(kit[0], tmp_path / "new")
    assert (again.returncode, "expected a new folder" in again.stderr) == (2, True)
    assert classified(tmp_path / "new").startswith("positive\t")  # which it left alone


@pytest.mark.skipif(not may_unshare(), reason="unshare may not make a network namespace here")
def test_the_oldest_python_installs_and_classifies_without_a_network(tmp_path: Path) -> None:
    folder, _ = made(tmp_path, HERE, OLDEST)
    done = install(folder, tmp_path / "new", version=OLDEST, isolated=True)
    assert done.returncode == 0, done.stderr
    assert classified(tmp_path / "new").startswith("positive\t")


def test_every_file_is_listed_and_every_licence_is_there(kit: tuple[Path, Kit]) -> None:
    folder, found = kit
    sums = (folder / SUMS).read_bytes()
    assert hashlib.sha256(sums).hexdigest() == found.digest
    listed = {name: digest for digest, name in (line.split("  ") for line in sums.decode().splitlines())}
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    assert files.keys() - {SUMS} == listed.keys()
    assert all(hashlib.sha256(files[name].read_bytes()).hexdigest() == digest for name, digest in listed.items())
    page = (folder / "THIRD-PARTY.txt").read_text()
    for wheel in map(Wheel, (folder / "wheels").iterdir()):
        assert f"{wheel.name} {wheel.version}\n  licence: {wheel.licence}" in page
        assert any((folder / "licences" / wheel.title).rglob("*")) or "the wheel contains none" in page
    assert "ThirdPartyNotices.txt" in page and "bundles/linnet_default/LICENSE" in page


def test_it_has_what_the_runtime_imports_and_nothing_else(kit: tuple[Path, Kit]) -> None:
    names = {Wheel(file).name for file in (kit[0] / "wheels").iterdir()}
    assert names == {"linnet", "numpy", "onnxruntime", "tokenizers"}
    assert {item.name.rpartition("-")[0] or item.name for item in kit[1].items} == {*names, "bundles/linnet_default"}


def test_its_bill_of_materials_is_valid_and_has_the_wheels(kit: tuple[Path, Kit]) -> None:
    content = (kit[0] / "sbom.cdx.json").read_bytes()
    assert schema_error(content) is None
    parts = {part["name"]: part for part in json.loads(content)["components"]}
    for wheel in map(Wheel, (kit[0] / "wheels").iterdir()):
        assert parts[wheel.name]["hashes"] == [{"alg": "SHA-256", "content": wheel.sha256}]
    assert parts["onnxruntime"]["purl"].startswith("pkg:pypi/onnxruntime@") and "purl" not in parts["linnet"]


def test_a_kit_made_with_a_key_has_every_signed_file_and_what_checks_it(
    signed_kit: tuple[Path, Kit], signed: Path
) -> None:
    folder, found = signed_kit
    wheels = {Wheel(file).name for file in (folder / "wheels").iterdir()}
    assert wheels == {"linnet", "numpy", "onnxruntime", "tokenizers", "cryptography", "cffi"}
    assert found.signed_by == fingerprint(key_of())
    assert names(folder / "bundles" / "signed") == names(signed)
    pem = public_pem(key_of())
    assert not [file for file in folder.rglob("*") if file.is_file() and pem in file.read_bytes()]


def test_it_installs_what_the_key_signed_and_says_so_if_none_is_given(
    signed_kit: tuple[Path, Kit], tmp_path: Path
) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.pub").write_bytes(public_pem(key_of(number)))
    done = install(signed_kit[0], tmp_path / "new", "--key", tmp_path / "1.pub", isolated=may_unshare())
    assert done.returncode == 0, done.stderr
    assert f"signed by the key {fingerprint(key_of(1))}" in done.stdout and "note" not in done.stderr
    python = tmp_path / "new" / "venv" / "bin" / "python"  # which has the wheels: the next installations are quick
    done = install(signed_kit[0], tmp_path / "other", "--no-venv", "--key", tmp_path / "2.pub", python=python)
    assert done.returncode == 1 and "nothing is installed" in done.stderr
    assert f"expected a signature of the key {fingerprint(key_of(2))}, found one of the key" in done.stderr
    assert names(tmp_path) == ["1.pub", "2.pub", "new"]
    done = install(signed_kit[0], tmp_path / "hashed", "--no-venv", python=python)
    assert done.returncode == 0, done.stderr
    assert "their signatures were not" in done.stderr and fingerprint(key_of(1)) in done.stderr
    assert "signed by the key" not in done.stdout


def test_keys_that_cannot_be_used_are_refused_first(
    kit: tuple[Path, Kit], signed_kit: tuple[Path, Kit], tmp_path: Path
) -> None:
    (tmp_path / "signer.pub").write_bytes(public_pem(key_of()))
    for folder, key, told in (
        (kit[0], tmp_path / "signer.pub", "this kit cannot check signatures"),
        (signed_kit[0], tmp_path / "none.pub", "expected a public key, a PEM file"),
        (signed_kit[0], signed_kit[0] / "kit.json", "is in the kit: who alters the kit can alter it too"),
    ):
        done = install(folder, tmp_path / "new", "--key", key)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert names(tmp_path) == ["signer.pub"]


@pytest.mark.parametrize(
    "name", ["wheels/numpy*", "bundles/*/onnx/*_data", "install.py", "requirements.txt", "kit.json"]
)
def test_one_changed_byte_is_refused(copy: Path, tmp_path: Path, name: str) -> None:
    (file,) = copy.glob(name)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    rewrite(file, bytes(content))
    done = install(copy, tmp_path / "new")
    assert done.returncode == 1
    assert f"{file.relative_to(copy)} was altered" in done.stderr and "copy the kit again" in done.stderr
    assert not (tmp_path / "new").exists()


def spoil_sums(folder: Path) -> None:
    rewrite(folder / SUMS, (folder / SUMS).read_bytes() + b"0" * 64 + b"  more\n")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "wheels" / "numpy-99-py3-none-any.whl").touch(), "does not belong to the kit"),
        (lambda folder: (folder / "kit.json").unlink(), "kit.json is missing"),
        (lambda folder: (folder / SUMS).unlink(), "SHA256SUMS is missing"),
        (lambda folder: (folder / "wheels" / "link").symlink_to("/"), "wheels/link does not belong to the kit"),
        (spoil_sums, "more is missing"),
    ],
)
def test_missing_and_additional_files_are_refused(
    copy: Path, tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    spoil(copy)
    done = install(copy, tmp_path / "new")
    assert (done.returncode, told in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "new").exists()


def test_an_interrupted_installation_leaves_nothing(kit: tuple[Path, Kit], tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHON": interpreter(NEWEST) or ""}
    command = ["sh", str(kit[0] / "install.sh"), str(tmp_path / "new")]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, preexec_fn=attend)
    deadline = time.monotonic() + 120
    while not (tmp_path / "new" / "venv").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130 and "interrupted" in told
    assert names(tmp_path) == []


def test_another_kit_is_refused_by_its_digest(kit: tuple[Path, Kit], tmp_path: Path) -> None:
    done = install(kit[0], tmp_path / "new", "--digest", "0" * 64)
    assert (done.returncode, "this is another kit" in done.stderr) == (1, True)


def test_another_python_and_another_machine_are_refused(copy: Path, tmp_path: Path) -> None:
    described = json.loads((copy / "kit.json").read_bytes())
    for key, value in (("python", "3.9"), ("machine", "riscv64"), ("system", "Windows")):
        rewrite(copy / "kit.json", json.dumps({**described, key: value}).encode())
        paths = [file for file in copy.rglob("*") if file.is_file() and file.name != SUMS]
        lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(copy)}\n" for file in paths]
        rewrite(copy / SUMS, "".join(lines).encode())
        env = {"PATH": os.environ["PATH"], "PYTHON": sys.executable}
        command = ["sh", str(copy / "install.sh"), str(tmp_path / "new")]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        assert done.returncode == 2 and "expected CPython" in done.stderr and value in done.stderr
    assert not (tmp_path / "new").exists()


MAGIC: dict[str, Callable[[bytes], bool]] = {
    "linux-aarch64": lambda head: head[:4] == b"\x7fELF" and head[18:20] == b"\xb7\x00",
    "macos-arm64": lambda head: head[:4] in (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"),
    "windows-amd64": lambda head: head[:2] == b"MZ",
}
"""How the libraries of a platform begin."""


@pytest.mark.parametrize("platform", MAGIC)
def test_a_kit_for_another_platform_has_its_wheels(tmp_path: Path, signed: Path, platform: str) -> None:
    folder, _ = made(tmp_path, platform, "3.12", signed, public_pem(key_of()))
    target = Target(PLATFORMS[platform], "3.12")
    wheels = [Wheel(file) for file in (folder / "wheels").iterdir()]
    libraries = 0
    for wheel in wheels:
        target.check(wheel.file)
        with zipfile.ZipFile(wheel.file) as archive:
            for name in archive.namelist():
                if name.endswith((".so", ".pyd", ".dylib", ".dll")):
                    with archive.open(name) as stream:
                        assert MAGIC[platform](stream.read(20)), name
                    libraries += 1
    assert len(wheels) == 6 and libraries > 10
    assert json.loads((folder / "kit.json").read_bytes())["machine"] == PLATFORMS[platform].machine
    assert "@PYTHON@" not in (folder / "install.ps1").read_text() and "'-3.12'" in (folder / "install.ps1").read_text()


def test_wheels_for_another_platform_are_refused(tmp_path: Path) -> None:
    target = Target(PLATFORMS["linux-aarch64"], "3.12")
    for tags in ("cp312-cp312-manylinux_2_17_x86_64", "cp313-cp313-manylinux_2_17_aarch64", "cp312-cp312-win_amd64"):
        with pytest.raises(InputError, match=r"expected a wheel for Python 3\.12 on linux-aarch64"):
            target.check(tmp_path / f"numpy-2.0-{tags}.whl")
    for tags in ("cp310-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64", "py3-none-any"):
        target.check(tmp_path / f"numpy-2.0-{tags}.whl")
    with pytest.raises(InputError, match=r"expected --python to be one of 3\.10"):
        Target(PLATFORMS["linux-aarch64"], "2.7")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Takes the place of the download, for tests that need no real wheels; returns what was asked for."""
    asked: list[str] = []

    def download(wanted: list[str], target: Target, folder: Path) -> list[Wheel]:
        asked.extend(wanted)
        folder.mkdir(parents=True)
        return []

    monkeypatch.setattr(kits, "download", download)
    return asked


def test_a_unigram_kit_has_no_tokenizers(tiny: Path, unigram: Path, tmp_path: Path, offline: list[str]) -> None:
    target = Target(PLATFORMS[HERE], "3.12")
    found = make_kit([unigram], tmp_path / "one", target)
    assert not [each for each in offline if each.startswith("tokenizers")] and len(offline) == 2
    assert any("tokenizers is left out" in note for note in found.notes)
    make_kit([unigram, tiny], tmp_path / "two", target)
    assert [each for each in offline if each.startswith("tokenizers")]
    assert names(tmp_path / "two" / "bundles") == ["tiny_embedder", "unigram"]


def test_without_a_key_a_signature_goes_with_its_bundle_and_a_note_says_so(
    signed: Path, tmp_path: Path, offline: list[str]
) -> None:
    found = make_kit([signed], tmp_path / "kit", Target(PLATFORMS[HERE], "3.12"))
    files = names(tmp_path / "kit" / "bundles" / "signed")
    assert "model.sig" in files and "notes.txt" not in files
    assert found.signed_by is None and any("its model.sig was not checked" in note for note in found.notes)
    assert not [each for each in offline if each.startswith("cryptography")]


def leave_signed(bundle: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("spoil", "number", "error", "told"),
    [
        (leave_signed, 2, BundleSignatureError, "expected a signature of the key"),
        (lambda bundle: (bundle / "model.sig").unlink(), 1, BundleSignatureError, r"found no model\.sig"),
        (lambda bundle: (bundle / "more").touch(), 1, BundleSignatureError, "expected only signed files"),
        (lambda bundle: (bundle / "notes.txt").write_text("his"), 1, BundleIntegrityError, r"notes\.txt was altered"),
    ],
)
def test_what_the_key_did_not_sign_gets_no_kit(
    signed: Path,
    tmp_path: Path,
    offline: list[str],
    spoil: Callable[[Path], None],
    number: int,
    error: type[Exception],
    told: str,
) -> None:
    bundle = Path(shutil.copytree(signed, tmp_path / "bundle"))
    spoil(bundle)
    with pytest.raises(error, match=told):
        make_kit([bundle], tmp_path / "kit", Target(PLATFORMS[HERE], "3.12"), key=public_pem(key_of(number)))
    assert names(tmp_path) == ["bundle"] and not offline


def test_the_command_takes_a_key(
    signed: Path, tmp_path: Path, offline: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "signer.pub").write_bytes(public_pem(key_of()))
    command = ["kit", str(signed), "--platform", HERE, "--python", "3.12", "--output", str(tmp_path / "kit")]
    assert main([*command, "--key", str(tmp_path / "signer.pub")]) == 0
    told = capsys.readouterr().out
    assert "sh install.sh DIR --key PUBLIC" in told and f"signed by the key {fingerprint(key_of())}" in told
    assert {each.partition(">")[0] for each in offline} >= {"cryptography", "cffi"}


def test_a_copy_that_is_not_the_signed_bundle_is_refused(
    signed: Path, tmp_path: Path, offline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_another(source: Path, target: Path) -> None:
        target.write_bytes(b"his" if target.name == "notes.txt" else source.read_bytes())

    monkeypatch.setattr("linnet_export.shipping.bundles.shutil.copyfile", copy_another)
    with pytest.raises(BundleIntegrityError, match=r"signed/notes\.txt was altered"):
        make_kit([signed], tmp_path / "kit", Target(PLATFORMS[HERE], "3.12"), key=public_pem(key_of()))
    assert names(tmp_path) == []


def test_an_altered_bundle_is_refused(tiny: Path, tmp_path: Path, offline: list[str]) -> None:
    bundle = shutil.copytree(tiny, tmp_path / "bundle")
    weights = bundle / "onnx" / "model_quantized.onnx_data"
    weights.write_bytes(bytes(reversed(weights.read_bytes())))
    with pytest.raises(BundleIntegrityError, match=r"bundle/onnx/model_quantized\.onnx_data was altered"):
        make_kit([bundle], tmp_path / "kit", Target(PLATFORMS[HERE], "3.12"))
    assert names(tmp_path) == ["bundle"]


def test_two_bundles_of_one_name_and_a_full_folder_are_refused(tiny: Path, tmp_path: Path, offline: list[str]) -> None:
    target = Target(PLATFORMS[HERE], "3.12")
    with pytest.raises(InputError, match="two called tiny_embedder"):
        make_kit([tiny, tiny], tmp_path / "kit", target)
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "mine").touch()
    with pytest.raises(InputError, match="is not empty"):
        make_kit([tiny], tmp_path / "kit", target)


def test_the_wheel_of_the_installed_runtime_is_whole_and_the_same_each_time(tmp_path: Path) -> None:
    first, second = (write_own_wheel(tmp_path / name) for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target"]
    done = subprocess.run([*command, str(tmp_path / "site"), str(first)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    code = "import linnet, linnet.cli.main; print(linnet.__version__, linnet.__file__)"
    found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True).stdout.split()
    assert found == [version("linnet"), str(tmp_path / "site" / "linnet" / "__init__.py")]
    installed = tmp_path / "site" / f"linnet-{version('linnet')}.dist-info"
    assert (installed / "sboms" / "linnet.cdx.json").is_file() and (installed / "licenses" / "LICENSE").is_file()


def test_the_requirements_are_the_declared_ones() -> None:
    assert set(requirements()) == {"onnxruntime", "tokenizers", "numpy"}
    assert list(requirements("parquet")) == ["pyarrow"]


def test_a_wheel_of_the_users_own_is_taken(tiny: Path, tmp_path: Path, offline: list[str]) -> None:
    wheel = write_own_wheel(tmp_path / "mine")
    make_kit([tiny], tmp_path / "kit", Target(PLATFORMS[HERE], "3.12"), linnet_wheel=wheel)
    assert names(tmp_path / "kit" / "wheels") == [wheel.name]


def test_without_an_index_nothing_is_written(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)
    command = ["kit", str(tiny), "--platform", HERE, "--python", "3.12", "--output", str(tmp_path / "kit")]
    assert main(command) == 1
    told = capsys.readouterr().err
    assert "pip download failed" in told and "Traceback" not in told
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_kit_leaves_nothing_half(tiny: Path, tmp_path: Path, number: int) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        env = {**os.environ, "PIP_INDEX_URL": address, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
        command = [sys.executable, "-m", "linnet_export", "kit", str(tiny), "--platform", HERE]
        command += ["--python", "3.12", "--output", "kit"]
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL, preexec_fn=attend)
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob(".kit.partial-*/bundle/wheels")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        process.wait(timeout=60)
    assert not (tmp_path / "kit").exists()
    assert bool(list(tmp_path.iterdir())) is (number == signal.SIGKILL)


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell (pwsh) is not installed")
def test_powershell_can_read_its_script(kit: tuple[Path, Kit]) -> None:
    script = str(kit[0] / "install.ps1")
    code = f"$e = $null; [void][Management.Automation.Language.Parser]::ParseFile('{script}', [ref]$null, [ref]$e); $e"
    done = subprocess.run(["pwsh", "-NoProfile", "-Command", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "")
