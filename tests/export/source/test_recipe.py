"""Recipes: the five that the project exists for, how they are chosen, and what a malformed one is told."""

import json
from pathlib import Path

import pytest
from linnet.preprocessing import PREPROCESSORS
from linnet_export.cli.main import main
from linnet_export.errors import RecipeError
from linnet_export.source.recipe import FOLDER, Recipe, all_recipes, recipe_for, recipe_named

FIVE = {
    "cardiffnlp/twitter-roberta-base-sentiment",
    "cardiffnlp/twitter-xlm-roberta-base-sentiment",
    "cardiffnlp/twitter-xlm-roberta-base-sentiment-multilingual",
    "finiteautomata/bertweet-base-sentiment-analysis",
    "cardiffnlp/twitter-xlm-roberta-base",
}


def test_each_of_the_five_has_a_recipe_of_its_name() -> None:
    assert {recipe.checkpoint for recipe in all_recipes()} == FIVE
    for recipe in all_recipes():
        assert recipe.name == recipe.checkpoint.split("/")[1]
        assert recipe_for(recipe.checkpoint) == recipe == recipe_named(recipe.name) == recipe_named(recipe.checkpoint)


@pytest.mark.parametrize("recipe", all_recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_is_whole(recipe: Recipe) -> None:
    assert recipe.preprocessing in PREPROCESSORS
    assert recipe.max_length in (128, 512)
    assert recipe.languages and recipe.licence.note and recipe.licence.source
    assert all(figure.source and figure.value > 1 for figure in recipe.figures)
    assert bool(recipe.labels) == (recipe.task == "text-classification") == (recipe.pooling is None)


def test_labels_go_by_name_not_by_place() -> None:
    recipe = recipe_named("twitter-roberta-base-sentiment")
    assert recipe.renamed(("LABEL_0", "LABEL_1", "LABEL_2")) == ("negative", "neutral", "positive")
    assert recipe.renamed(("LABEL_2", "LABEL_0", "LABEL_1")) == ("positive", "negative", "neutral")
    assert recipe.renamed(("negative", "neutral", "positive")) == ("negative", "neutral", "positive")
    bertweet = recipe_named("bertweet-base-sentiment-analysis")
    assert bertweet.renamed(("NEG", "NEU", "POS")) == ("NEG", "NEU", "POS")


@pytest.mark.parametrize(
    "labels", [("LABEL_0", "LABEL_1"), ("angry", "happy", "sad"), ("negative", "positive", "spam")]
)
def test_the_labels_of_another_checkpoint_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(RecipeError, match="leave the recipe out"):
        recipe_named("twitter-roberta-base-sentiment").renamed(labels)


def test_an_unknown_name_lists_those_that_are_known() -> None:
    with pytest.raises(RecipeError, match=r"bertweet-base-sentiment-analysis.*found 'unheard-of'"):
        recipe_named("unheard-of")
    with pytest.raises(RecipeError, match="no such file"):
        recipe_named("absent.toml")
    assert recipe_for("somebody/something") is None


def test_a_file_of_ones_own_is_a_recipe(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text((FOLDER / "twitter-xlm-roberta-base.toml").read_text().replace("512", "64"))
    assert recipe_named(str(mine)).name == "mine"
    assert recipe_named(str(mine)).max_length == 64


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('task = "feature-extraction"', 'task = "fill-mask"', "expected one of text-classification"),
        ("max_length = 512", 'max_length = "long"', "expected max_length to be a whole number, found 'long'"),
        ('summary = "', 'title = "', "expected no title"),
        ("max_length = 512", "max_length = -1", "expected max_length of at least 3"),
        ('preprocessing = "tweeteval"', 'preprocessing = "tweet"', "expected one of none, tweeteval"),
        ('pooling = "mean"', 'pooling = "sum"', "expected one of mean, cls, max"),
        ("[licence]", "[licence]\nname = 3", "expected name to be a string"),
        ("[licence]", 'figures = ["x"]\n[licence]', "expected each figure to be a table"),
        ('note = "', 'remark = "', "expected note to be a string, found None"),
        ("[licence]", "[[[", "mine.toml"),
    ],
)
def test_a_malformed_recipe_says_what_is_wrong(old: str, new: str, said: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text((FOLDER / "twitter-xlm-roberta-base.toml").read_text().replace(old, new))
    with pytest.raises(RecipeError) as raised:
        recipe_named(str(mine))
    assert said in str(raised.value) and "compare it with" in str(raised.value)


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes"]) == 0
    table = capsys.readouterr().out
    assert all(checkpoint in table for checkpoint in FIVE)
    assert "none stated" in table and "non-commercial" in table
    assert main(["recipes", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["checkpoint"] for row in rows} == FIVE
