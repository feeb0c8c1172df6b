"""The tasks that a bundle can have. A new task is a line here, a class in `linnet.models`, and a line in `linnet.api`."""

from dataclasses import dataclass

from .installation import PROGRAM

CLASSIFICATION, EMBEDDING = "text-classification", "feature-extraction"


@dataclass(frozen=True)
class Task:
    """A task, and how to run its bundles."""

    name: str
    """The task's name on the hub."""
    command: str
    """The command that runs its bundles."""
    loader: str
    """The function of ``linnet`` that loads its bundles, and only these."""
    vectors: bool
    """True if the graph gives a vector for each token, (batch, seq, dimension); False if it gives logits of labels."""


_ALL = (
    Task(CLASSIFICATION, f"{PROGRAM} classify", "load_classifier", vectors=False),
    Task(EMBEDDING, f"{PROGRAM} embed", "load_embedder", vectors=True),
)
TASKS = {task.name: task for task in _ALL}
"""All tasks by name."""
