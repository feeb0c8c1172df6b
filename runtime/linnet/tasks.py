"""The tasks that a bundle can have. A new task is a line here, a class in `linnet.models`, and a line in `linnet.api`."""

from dataclasses import dataclass

CLASSIFICATION, EMBEDDING = "text-classification", "feature-extraction"


@dataclass(frozen=True)
class Task:
    """A task, and how to run its bundles."""

    name: str
    """The task's name on the hub."""
    command: str
    """The command that runs its bundles."""
    vectors: bool
    """True if the graph gives a vector for each token, (batch, seq, dimension); False if it gives logits of labels."""


_ALL = (
    Task(CLASSIFICATION, "linnet classify", vectors=False),
    Task(EMBEDDING, "linnet embed", vectors=True),
)
TASKS = {task.name: task for task in _ALL}
"""All tasks by name."""
