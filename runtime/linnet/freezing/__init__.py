"""PyInstaller asks; the folder of the hooks that it runs for this package goes out."""

from pathlib import Path


def hook_folders() -> list[str]:
    """Returns the folders of this package's PyInstaller hooks; the entry point ``hook-dirs`` names this function."""
    return [str(Path(__file__).parent)]
