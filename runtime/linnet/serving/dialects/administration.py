"""Versions that an administrator loads, switches to, mirrors to, and drops."""

from pathlib import Path
from typing import Literal

import msgspec

from ..call import Call
from ..failures import RequestError
from .own import Models, models
from .routes import Dialect, Route
from .tei_types import Failed


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be done with a version.

    With ``path``, the folder of a bundle on the server's disk, the version is loaded first, and checked. ``role``:
    ``current`` gives it the traffic, ``candidate`` a copy of the traffic, ``loaded`` none; ``off`` drops it.
    """

    name: str
    version: str | None = None
    path: str | None = None
    role: Literal["current", "candidate", "loaded", "off"] = "current"


async def change(call: Call, asked: Change) -> Models:
    """Changes the versions of a model; returns all versions."""
    administration, served = call.administration, call.service.registry.served(asked.name)
    label = asked.version
    if asked.path is not None:
        if not asked.path or "\0" in asked.path:
            raise RequestError("invalid", "expected the path of a bundle's folder")
        if label is not None and not administration.may_name(label):
            raise RequestError("invalid", "expected a version of letters, digits, dots, dashes and underscores")
        keep = asked.role == "loaded"
        label = (await administration.load(asked.name, label, Path(asked.path), keep=keep)).label
    if label is None:
        raise RequestError("invalid", "expected the version to change, or the path of one to load")
    if asked.role == "current":
        administration.switch(served, label)
    elif asked.role == "candidate":
        served.mirror(label)
    elif asked.role == "off":
        served.drop(label)
    else:
        served.keep(label)
    return await models(call, None)


DIALECT = Dialect(
    "Administration",
    (
        Route("GET", "/admin/models", models, "List the versions of all models", answers=(Models,), access="admin"),
        Route(
            "POST", "/admin/models", change, "Load, switch, mirror to, or drop a version", Change, (Models,), "admin"
        ),
    ),
    lambda failure: Failed(failure.message, failure.kind),
    Failed,
)
