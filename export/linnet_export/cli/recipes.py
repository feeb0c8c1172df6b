"""The command ``linnet-export recipes``."""

import argparse
import json
from dataclasses import asdict

from linnet.cli.command import DONE

from linnet_export.parity.report import recipes_table
from linnet_export.source.recipe import all_recipes


def run_recipes(args: argparse.Namespace) -> int:
    """Prints the recipes as a table or JSON, and returns the exit status."""
    recipes = all_recipes()
    print(
        "\n".join(json.dumps(asdict(each), ensure_ascii=False) for each in recipes)
        if args.json
        else recipes_table(recipes)
    )
    return DONE
