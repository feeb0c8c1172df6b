"""The command ``linnet-export recipes``."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from linnet.cli.command import DONE

from linnet_export.source.recipe import Recipe, all_recipes


def run_recipes(args: argparse.Namespace) -> int:
    """Prints the recipes as a table or JSON, and returns the exit status."""
    recipes = all_recipes()
    print(
        "\n".join(json.dumps(asdict(each), ensure_ascii=False) for each in recipes)
        if args.json
        else recipes_table(recipes)
    )
    return DONE


def recipes_table(recipes: Sequence[Recipe]) -> str:
    """Returns a table with one row per recipe."""
    head = ("recipe", "checkpoint", "task", "labels or pooling", "preprocessing", "tokens", "languages", "licence")
    rows = [
        (
            *(recipe.name, recipe.checkpoint, recipe.task),
            ", ".join(dict.fromkeys(recipe.labels.values())) or recipe.pooling or "",
            *(recipe.preprocessing, str(recipe.max_length), " ".join(recipe.languages)),
            recipe.licence.name or "none stated",
        )
        for recipe in recipes
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )
