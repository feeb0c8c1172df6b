#!/usr/bin/env python3
"""Writes the bill of materials of the wheel `linnet`, which hatchling puts into the wheel (PEP 770).

    .venv/bin/python scripts/wheel_sbom.py [--output runtime/linnet.cdx.json]

Run it after a change of the version or of the dependencies in runtime/pyproject.toml.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from needed import packages

RUNTIME = Path(__file__).parent.parent / "runtime"
SBOM = RUNTIME / "linnet.cdx.json"


def bill() -> bytes:
    """Returns the content of the file, from the version and the dependencies of the runtime."""
    from linnet.bundle.cyclonedx import document, encoded, licences
    from linnet.installation import VERSION

    project = _project()
    subject = {
        "type": "library",
        "bom-ref": "linnet",
        "name": project["name"],
        "version": VERSION,
        "description": project["description"],
        **licences(project["license"]),
    }
    return encoded(document(subject, list(_dependencies(project)), [{"type": "application", "name": "hatchling"}]))


def _project() -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    project: dict[str, Any] = tomllib.loads((RUNTIME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _dependencies(project: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields a component for each declared dependency; the wheel contains none of them, so each has a range only."""
    from linnet.bundle.cyclonedx import properties
    from packaging.requirements import Requirement

    required = [(declared, None) for declared in project["dependencies"]]
    extras = [(each, extra) for extra, all_of in project["optional-dependencies"].items() for each in all_of]
    for declared, extra in [*required, *extras]:
        requirement = Requirement(declared)
        yield {
            "type": "library",
            "bom-ref": f"{extra}/{requirement.name}" if extra else requirement.name,
            "name": requirement.name,
            "scope": "optional" if extra else "required",
            "purl": f"pkg:pypi/{requirement.name}",
            **properties({"versions": str(requirement.specifier), "extra": extra}),
        }


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=SBOM, metavar="FILE", help="the file to write")
    args = parser.parse_args()
    with packages():
        content = bill()
    args.output.write_bytes(content)


if __name__ == "__main__":
    main()
