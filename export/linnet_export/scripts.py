"""Unicode's names of scripts, which select a part of a vocabulary."""

import regex


def is_script(name: str) -> bool:
    """Returns True if Unicode has a script of this name, such as ``latin``."""
    if not regex.fullmatch(r"[A-Za-z]+([ _-][A-Za-z]+)*", name):
        return False
    try:
        regex.compile(rf"\p{{Script={name}}}")
    except regex.error:
        return False
    return True


def unknown_script(name: str) -> str:
    """Returns the message for a name that `is_script` does not know."""
    return f"expected Unicode's script names (latin, arabic, cyrillic, devanagari, han …), found {name!r}"
