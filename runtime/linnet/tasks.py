"""The tasks that a bundle can have, by their names on the hub. A new task needs a line in `TASKS` and a module."""

from dataclasses import dataclass

CLASSIFICATION, EMBEDDING = "text-classification", "feature-extraction"


@dataclass(frozen=True)
class Task:
    """A task, and how to run its bundles."""

    name: str
    """The task's name on the hub."""
    command: str
    """The command that runs its bundles."""
    model: str
    """The class in `linnet` that runs its bundles."""
    tokens: bool
    """True if the graph gives a vector for each token, (batch, seq, dimension); False for one row per text."""


_ALL = (
    Task(CLASSIFICATION, "linnet classify", "Classifier", tokens=False),
    Task(EMBEDDING, "linnet embed", "Embedder", tokens=True),
)
TASKS = {task.name: task for task in _ALL}
"""All tasks by name."""
