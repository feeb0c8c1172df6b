"""The names of columns that are added to a table."""

from collections.abc import Iterable


def free_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Returns the names; one that is taken gets the first free number: ``label_2``."""
    used, found = set(taken), list[str]()
    for name in names:
        free, number = name, 2
        while free in used:
            free, number = f"{name}_{number}", number + 1
        used.add(free)
        found.append(free)
    return found
