"""Wheels and bundles → the kit's bill of materials, and those that came with its wheels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import linnet
from linnet.bundle.cyclonedx import MODEL, Part, document, encoded, licences, properties, sha256
from linnet.bundle.opening import Bundle
from linnet.names import SBOM

import linnet_export
from linnet_export.shipping.platforms import Target
from linnet_export.shipping.wheels import Wheel

_FROM_WHEELS = "sboms"


def write_bills(wheels: Sequence[Wheel], bundles: Mapping[str, Bundle], target: Target, folder: Path) -> None:
    """Writes the kit's bill of materials, and copies those that are in its wheels.

    Args:
        wheels: the wheels in the kit.
        bundles: the bundles by their paths in the kit.
        target: what the kit is for.
        folder: the kit.
    """
    for wheel in wheels:
        for name, content in wheel.bills():
            file = folder / _FROM_WHEELS / wheel.title / Path(name).name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    subject = {
        "type": "application",
        "bom-ref": "kit",
        "name": "linnet-kit",
        "version": linnet.__version__,
        "description": f"Linnet for Python {target.python} on {target.platform.name}",
    }
    parts = [*map(_library, wheels), *(_model(path, bundle) for path, bundle in bundles.items())]
    tool = {"type": "application", "name": "linnet-export", "version": linnet_export.__version__}
    (folder / SBOM).write_bytes(encoded(document(subject, parts, [tool])))


def _library(wheel: Wheel) -> Part:
    ours = wheel.name == linnet.__name__  # which is on no index
    return {
        "type": "library",
        "bom-ref": wheel.title,
        "name": wheel.name,
        "version": wheel.version,
        **sha256(wheel.sha256),
        **licences(wheel.licence),
        **({} if ours else {"purl": f"pkg:pypi/{wheel.name}@{wheel.version}"}),
        **properties({"wheel": wheel.file.name}),
    }


def _model(path: str, bundle: Bundle) -> Part:
    own = bundle.manifest.find(SBOM)
    reference = {"type": "bom", "url": f"{path}/{SBOM}", **(sha256(own.sha256) if own else {})}
    return {
        "type": MODEL,
        "bom-ref": path,
        "name": bundle.manifest.source.id or path,
        **sha256(bundle.digest),
        **licences(bundle.manifest.licence),
        **({"externalReferences": [reference]} if own else {}),
        **properties({"hash_of": "manifest.json"}),
    }
