"""Parts → a bill of materials in CycloneDX 1.6, which has the same bytes for the same parts."""

import json
import os
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError

Part = dict[str, Any]
"""A part of a CycloneDX document."""

MODEL = "machine-learning-model"
"""The type of a component that is a model."""

_EPOCH = "SOURCE_DATE_EPOCH"
"""The variable that gives the time of a build, as seconds since 1970. Without it, a document has no time."""
_SPDX = {
    known.lower(): known
    for known in (
        *("0BSD", "AFL-3.0", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Clear"),
        *(
            "BSL-1.0",
            "CC-BY-2.0",
            "CC-BY-2.5",
            "CC-BY-3.0",
            "CC-BY-4.0",
            "CC-BY-SA-3.0",
            "CC-BY-SA-4.0",
            "CC-BY-NC-4.0",
        ),
        *("CC-BY-NC-ND-4.0", "CC-BY-NC-SA-4.0", "CC0-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "ECL-2.0"),
        *("EPL-2.0", "EUPL-1.2", "ISC", "MIT", "MPL-2.0", "MS-PL", "NCSA", "PostgreSQL"),
        *("PSF-2.0", "Unlicense", "WTFPL", "Zlib"),
    )
}
"""SPDX's names of licences by the hub's, which are in lower case."""


def document(subject: Part, components: Sequence[Part], tools: Sequence[Part]) -> Part:
    """Returns a whole document; its serial number follows from its content.

    Args:
        subject: the component that the document describes; it needs a ``bom-ref``.
        components: what the subject consists of, each with a ``bom-ref``.
        tools: the programs that made the subject.

    Raises:
        InputError: ``SOURCE_DATE_EPOCH`` is not a number of seconds.
    """
    content = {
        "metadata": {**_time(), "tools": {"components": list(tools)}, "component": subject},
        "components": list(components),
        "dependencies": [
            {"ref": subject["bom-ref"], "dependsOn": [part["bom-ref"] for part in components]},
            *({"ref": part["bom-ref"]} for part in components),
        ],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **content,
    }


def encoded(content: Part) -> bytes:
    """Returns the bytes of a document's file."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def licences(names: str | None) -> Part:
    """Returns a component's licences; nothing if it states none.

    Args:
        names: the hub's or SPDX's names of licences, joined by ``" and "``; or an expression of SPDX.
    """
    if names and re.search(" (AND|OR|WITH) ", names):
        return {"licenses": [{"expression": names}]}
    known = dict.fromkeys(names.split(" and ")) if names else {}
    return {"licenses": [{"license": _licence(name)} for name in known]} if known else {}


def sha256(digest: str) -> Part:
    """Returns a component's hash."""
    return {"hashes": [{"alg": "SHA-256", "content": digest}]}


def properties(values: Mapping[str, Any]) -> Part:
    """Returns values as properties of a component or a card; text as it is, all else as JSON."""
    found = [
        {"name": f"linnet:{name}", "value": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}
        for name, value in values.items()
        if value is not None
    ]
    return {"properties": found} if found else {}


def _licence(name: str) -> Part:
    known = _SPDX.get(name.lower())
    return {"id": known} if known else {"name": name}


def _time() -> Part:
    given = os.environ.get(_EPOCH)
    if not given:
        return {}
    try:
        return {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(given)))}
    except (ValueError, OverflowError, OSError):
        raise InputError(f"expected {_EPOCH} to be a number of seconds since 1970, found {given!r}") from None
