"""Whose licence somebody has to accept, and that a conversion stops until they do."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from checkpoints import Converted
from linnet.bundle.opening import open_bundle
from linnet.cli.main import main as linnet_main
from linnet_export.cli.main import main
from linnet_export.errors import LicenceError
from linnet_export.source.licence import Licence, accepted, licence_of
from linnet_export.source.recipe import recipe_named

BERTWEET = recipe_named("bertweet-base-sentiment-analysis")
CARDIFF = recipe_named("twitter-roberta-base-sentiment")


def stated(folder: Path, front_matter: str = "", **texts: str) -> Path:
    (folder / "README.md").write_text(f"---\n{front_matter}\n---\n# A model\n")
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("front_matter", "name"),
    [
        ("license: mit", "mit"),
        ("license: Apache-2.0", "apache-2.0"),
        ("license:\n- mit\n- apache-2.0", "mit and apache-2.0"),
        ("license: cc-by-4.0\nlanguage: en", "cc-by-4.0"),
    ],
)
def test_a_permissive_licence_concerns_nobody(front_matter: str, name: str, tmp_path: Path) -> None:
    assert licence_of(stated(tmp_path, front_matter), "x/y", None, published=True) == Licence(name)


@pytest.mark.parametrize(
    "front_matter",
    [
        *("license: cc-by-nc-4.0", "license: gpl-3.0", "license: llama2", "license:\n- mit\n- cc-by-nc-4.0"),
        *("license: other\nlicense_name: mit", "license: unknown"),
    ],
)
@pytest.mark.parametrize("published", [True, False])
def test_any_other_licence_does(front_matter: str, published: bool, tmp_path: Path) -> None:
    found = licence_of(stated(tmp_path, front_matter), "x/y", None, published=published)
    assert found.name and found.concern and found.name in found.concern


def test_a_missing_licence_concerns_whoever_takes_it_from_others(tmp_path: Path) -> None:
    stated(tmp_path, "language: en")
    assert licence_of(tmp_path, "mine", None, published=False) == Licence(None)
    assert "states no licence" in str(licence_of(tmp_path, "x/y", None, published=True).concern)
    assert "no licence tag" in str(licence_of(tmp_path, "x/y", CARDIFF, published=True).concern)


def test_a_card_that_cannot_be_read_states_nothing(tmp_path: Path) -> None:
    assert licence_of(stated(tmp_path, "license: [mit"), "x/y", None, published=False) == Licence(None)
    (tmp_path / "README.md").unlink()
    assert licence_of(tmp_path, "x/y", None, published=False) == Licence(None)


def test_a_licence_that_its_repository_states_by_now_counts(tmp_path: Path) -> None:
    assert licence_of(stated(tmp_path, "license: mit"), CARDIFF.checkpoint, CARDIFF, published=True) == Licence("mit")


def test_what_is_known_to_be_restricted_stays_so(tmp_path: Path) -> None:
    for front_matter in ("language: en", "license: mit"):
        found = licence_of(stated(tmp_path, front_matter), BERTWEET.checkpoint, BERTWEET, published=True)
        assert "non-commercial" in str(found.concern)


def test_the_title_of_a_licence_text_is_read_where_the_card_is_silent(tmp_path: Path) -> None:
    apache = "\n                    Apache License\n              Version 2.0, January 2004\n"
    assert licence_of(stated(tmp_path, LICENSE=apache), "x/y", None, published=True) == Licence("apache-2.0")
    (tmp_path / "LICENSE").write_text("MIT License\n\nCopyright (c) somebody")
    assert licence_of(tmp_path, "x/y", None, published=True) == Licence("mit")
    (tmp_path / "LICENSE").write_text("as you like it")
    assert licence_of(tmp_path, "mine", None, published=False) == Licence("other")
    assert licence_of(tmp_path, "x/y", None, published=True).concern


@pytest.mark.parametrize(
    "texts",
    [
        {"LICENSE": "Research only. No commercial use.", "LICENSE-CODE": "MIT License"},
        {"LICENSE": "The weights are CC BY-NC. The code is under the MIT License."},
        {"LICENSE": "Limited Permit License: research only"},
    ],
)
@pytest.mark.parametrize("front_matter", ["language: en", "license: mit"])
def test_every_licence_text_must_be_permissive(texts: dict[str, str], front_matter: str, tmp_path: Path) -> None:
    assert licence_of(stated(tmp_path, front_matter, **texts), "x/y", None, published=True).concern


def test_a_text_and_a_card_that_agree_are_one_licence(tmp_path: Path) -> None:
    text = "Copyright (c) 2020 Somebody\n\nPermission is hereby granted, free of charge, to any person"
    assert licence_of(stated(tmp_path, "license: mit", LICENSE=text), "x/y", None, published=True) == Licence("mit")


def test_somebody_has_to_accept_a_concern() -> None:
    concern = Licence("gpl-3.0", "x has the licence gpl-3.0")
    with pytest.raises(LicenceError, match="--accept-licence"):
        accepted(concern, accept=False)
    assert accepted(concern, accept=True) == replace(concern, accepted=True)
    assert accepted(Licence("mit"), accept=True) == Licence("mit")


def test_a_conversion_stops_until_then_and_says_what_was_accepted(
    roberta: Converted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = stated(shutil.copytree(roberta.checkpoint, tmp_path / "checkpoint"), "license: cc-by-nc-4.0")
    convert = ["convert", str(checkpoint), "--output", str(tmp_path / "bundle")]
    assert main(convert) == 2
    message = capsys.readouterr().err
    assert "cc-by-nc-4.0" in message and "--accept-licence" in message
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
    assert main([*convert, "--accept-licence"]) == 0
    manifest = json.loads((tmp_path / "bundle" / "manifest.json").read_bytes())
    assert manifest["licence"] == "cc-by-nc-4.0" and "cc-by-nc-4.0" in manifest["accepted_licence"]
    capsys.readouterr()
    assert linnet_main(["info", str(tmp_path / "bundle")]) == 0
    assert "accepted" in capsys.readouterr().out


def test_a_folder_of_ones_own_without_a_licence_is_converted_with_a_note(
    roberta: Converted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(roberta.checkpoint), "--output", str(tmp_path / "bundle")]) == 0
    assert "note: " in (said := capsys.readouterr().err) and "states no licence" in said
    assert open_bundle(tmp_path / "bundle").manifest.licence is None
