"""What ``linnet-export recipes`` does."""

import argparse
import json
from dataclasses import asdict

from linnet.command import DONE

from linnet_export.recipe import all_recipes
from linnet_export.report import recipes_table


def run_recipes(args: argparse.Namespace) -> int:
    """Prints a table of the recipes, or JSON."""
    recipes = all_recipes()
    print(
        "\n".join(json.dumps(asdict(each), ensure_ascii=False) for each in recipes)
        if args.json
        else recipes_table(recipes)
    )
    return DONE
