"""Optional packages: what messages tell people to install is what the distribution declares."""

import re
import sys
from importlib.metadata import metadata

import linnet
import pytest
from linnet import extras
from linnet.extras import EXTRAS, needed


def test_the_distribution_declares_them() -> None:
    declared: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for requirement in metadata("linnet").get_all("Requires-Dist") or []:
        package, _, extra = requirement.partition("; extra == ")
        if extra:
            declared.setdefault(extra.strip("'\""), set()).add(_alike(package))
    assert declared == {name: {_alike(package) for package in packages} for name, packages in EXTRAS.items()}


def _alike(requirement: str) -> tuple[str, frozenset[str]]:
    """A requirement without regard to spaces and the order of its versions."""
    name, versions = re.fullmatch(r"([\w\-\[\]]+)\s*(.*)", requirement.strip()).groups()  # type: ignore[union-attr]
    return name, frozenset(versions.replace(" ", "").split(","))


def test_a_missing_package_names_its_extra_and_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with (
        pytest.raises(linnet.MissingPackageError, match=r"found no duckdb: pip install 'duckdb>=1\.1' 'pyarrow>=14'$"),
        needed("duckdb"),
    ):
        import duckdb  # noqa: F401
    with pytest.raises(ImportError), needed("duckdb"):
        raise ModuleNotFoundError(name="duckdb")


def test_a_part_that_a_vendored_copy_lacks_is_no_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "PACKAGE", "app._vendor.linnet")
    with pytest.raises(ModuleNotFoundError, match=r"serving$"), needed("serve"):
        raise ModuleNotFoundError("no module serving", name="app._vendor.linnet.serving")
