"""The image of `linnet serve`, built as the page says, on a base that is made of this machine's files."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from base_image import write_base
from containers import HARD, ULIMITS, Container, Podman, Secret, container, why_not
from interpreters import interpreter
from pages import ROOT

IMAGE = "localhost/linnet"
BASE = "localhost/linnet-base"


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """Podman; tests that need it are skipped, with the reason, where it cannot run."""
    if reason := why_not():
        pytest.skip(reason)
    storage = Path(tempfile.mkdtemp(prefix="linnet-"))  # podman takes no long path
    found = Podman(storage)
    try:
        _make_base(found, storage)
        try:
            found.run(BASE, "python3", "-c", "")
        except AssertionError as error:
            pytest.skip(f"podman runs no container here: {str(error).strip().splitlines()[-1]}")
        yield found
    finally:
        found.close()
        shutil.rmtree(storage)


def _make_base(podman: Podman, storage: Path) -> None:
    python = next((found for minor in (12, 13, 11, 14) if (found := interpreter(f"3.{minor}"))), None)
    if python is None:
        pytest.skip("the image needs Python 3.11 or later, found none")
    base = subprocess.run([python, "-c", "import sys; print(sys.base_prefix)"], capture_output=True, text=True)
    version = subprocess.run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True)
    write_base(storage / "base", Path(base.stdout.strip(), "bin", f"python{version.stdout.decode().strip()}"))
    subprocess.run(["tar", "-C", storage / "base", "-cf", storage / "base.tar", "."], check=True)
    podman("import", "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin", storage / "base.tar", BASE)
    shutil.rmtree(storage / "base")
    (storage / "base.tar").unlink()


@pytest.fixture(scope="session")
def built_from(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that ``scripts/image.py`` makes."""
    folder = tmp_path_factory.mktemp("image") / "image"
    version = podman.run(BASE, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    command = [sys.executable, str(ROOT / "scripts" / "image.py"), str(folder), "--python", version]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        pytest.skip(f"the package index gives no wheels: {done.stderr.strip().splitlines()[-1]}")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def image(podman: Podman, built_from: Path) -> str:
    """The image, built without a network."""
    options = ["--format", "docker", "--file", str(ROOT / "scripts" / "Containerfile"), "--tag", IMAGE]
    podman("build", "--layers=false", "--network=none", *ULIMITS, "--build-arg", f"BASE={BASE}", *options, built_from)
    return IMAGE


@pytest.fixture(scope="session")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Secret:
    key = "a key for these tests alone"
    file = tmp_path_factory.mktemp("secret") / "keys.txt"
    file.write_text(f"tests:{hashlib.sha256(key.encode()).hexdigest()}\n", encoding="utf-8")
    file.chmod(0o644)  # the image's user reads it
    return Secret(key, file)


@pytest.fixture(scope="session")
def served(podman: Podman, image: str, secret: Secret) -> Iterator[Container]:
    """A container as the page starts it, without a network."""
    with container(podman, image, options=(*HARD, *secret.mounted)) as found:
        yield found
