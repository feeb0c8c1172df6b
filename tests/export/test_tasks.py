"""Every task has its line in every table, so that a new one fails here and not at the end of a conversion."""

from linnet import api
from linnet.tasks import TASKS
from linnet_export.bundle.card import EXAMPLES
from linnet_export.checkpoint.weights import MODELS
from linnet_export.parity.measure import COMPARISONS


def test_every_task_is_in_every_table() -> None:
    for table in (api._MODELS, MODELS, COMPARISONS, EXAMPLES):
        assert set(table) == set(TASKS)
    assert all(callable(getattr(api, task.loader)) for task in TASKS.values())
    assert {name: model.task for name, model in api._MODELS.items()} == {name: name for name in TASKS}
