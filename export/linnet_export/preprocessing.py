"""The tables of the preprocessing presets, which travel in the bundles that need them."""

from importlib.resources import files

from linnet.preprocessing import needs_tables


def preprocessing_tables(preset: str) -> bytes | None:
    """What ``preprocessing.json`` is to be for a preset; None for one that needs no tables."""
    if not needs_tables(preset):
        return None
    return files("linnet_export").joinpath("preprocessing_tables").joinpath(f"{preset}.json").read_bytes()
