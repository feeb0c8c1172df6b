"""The functions that load a bundle: each returns its class, and refuses a bundle for another task."""

from pathlib import Path

import linnet
import pytest


def test_load_classifier_loads_a_classifier(default: Path) -> None:
    for model in (linnet.load_classifier(), linnet.load_classifier(default, threads=1, cache=9)):
        assert type(model) is linnet.Classifier
        assert model("Good news!").label == "positive"


def test_load_embedder_loads_an_embedder(tiny: Path) -> None:
    embedder = linnet.load_embedder(str(tiny), threads=1, cache=9)
    assert type(embedder) is linnet.Embedder
    assert embedder("a text").shape == (1, embedder.dimension)


def test_a_bundle_for_another_task_is_refused(default: Path, tiny: Path) -> None:
    with pytest.raises(
        linnet.BundleFormatError, match=r"for text-classification, found one for feature-extraction"
    ) as no:
        linnet.load_classifier(tiny)
    assert str(tiny) in str(no.value)
    assert "linnet embed runs it, and linnet.load_embedder loads it" in str(no.value)
    with pytest.raises(linnet.BundleFormatError, match=r"linnet classify runs it, and linnet.load_classifier loads it"):
        linnet.load_embedder(default)


def test_load_embedder_without_a_path_says_what_the_default_is(
    default: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(linnet.InputError, match=r"default is a classifier, which linnet\.load_classifier loads: give"):
        linnet.load_embedder()
    monkeypatch.setattr("linnet.trust.opening.default_bundle", lambda: tiny)
    assert linnet.load_embedder().bundle.path == tiny


@pytest.mark.parametrize("name", ["load", "load_classifier", "load_embedder"])
def test_the_functions_are_listed(name: str) -> None:
    assert name in linnet.__all__
    assert name in dir(linnet)
