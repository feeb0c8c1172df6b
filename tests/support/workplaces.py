"""Folders with the files and bundles that the pages for users name."""

import shutil
from pathlib import Path

from linnet.bundle.opening import default_bundle
from pages import ROOT


def furnish(folder: Path) -> Path:
    """Writes ``tweets.txt``, ``tweets.csv`` and the bundles into a folder; returns it."""
    (folder / "tweets.txt").write_text("Good news! 🎉\nTwo hours on hold 😡\n", encoding="utf-8")
    (folder / "tweets.csv").write_text("id,text\n1,Good news! 🎉\n2,\n3,null\n4,so bad\n", encoding="utf-8")
    for bundle in ("my-bundle", "linnet_default"):
        shutil.copytree(default_bundle(), folder / bundle)
    shutil.copytree(ROOT / "tests" / "runtime" / "tiny_embedder", folder / "my-embeddings")
    return folder
