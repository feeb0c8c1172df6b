"""Wheels and bundles → the licence texts and notices of all, and a page that lists them."""

from collections.abc import Sequence
from pathlib import Path

from linnet.bundle.opening import Bundle

from linnet_export.shipping.wheels import Wheel

FOLDER, PAGE = "licences", "THIRD-PARTY.txt"


def write_licences(wheels: Sequence[Wheel], folder: Path) -> list[str]:
    """Writes the licence texts and notices of wheels, a folder a wheel; returns the page's section on the wheels."""
    lines = []
    for wheel in wheels:
        names, seen = list[str](), set[bytes]()
        for name, content in wheel.statements():
            if content in seen:
                continue
            seen.add(content)
            file = folder / FOLDER / wheel.title / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            names.append(file.relative_to(folder).as_posix())
        lines += [f"{wheel.name} {wheel.version}", f"  licence: {wheel.licence or 'its metadata states none'}"]
        lines += [f"  project: {wheel.home}"] if wheel.home else []
        lines += [f"  text: {name}" for name in names] or [f"  text: the wheel contains none{_elsewhere(wheel)}"]
        lines.append("")
    return lines


def _elsewhere(wheel: Wheel) -> str:
    apache = "apache" in (wheel.licence or "").lower()
    return f"; linnet's, in {FOLDER}, is the same Apache-2.0" if apache else "; see the project"


def write_page(file: Path, wheels: Sequence[str], bundles: dict[str, Bundle]) -> None:
    """Writes the page, from its section on the wheels and the bundles by their paths in the kit."""
    lines = ["What is in this folder, and under which licence.", "", *wheels]
    for path, bundle in bundles.items():
        manifest = bundle.manifest
        texts = [record.path for record in manifest.files if record.path.upper().startswith(("LICEN", "NOTICE"))]
        lines += [f"{path}: a bundle of {manifest.source.id}"]
        lines += [f"  licence: {manifest.licence or 'its checkpoint states none'}"]
        lines += [f"  accepted: {manifest.accepted_licence}"] if manifest.accepted_licence else []
        lines += [f"  text: {path}/{text}" for text in texts]
        lines.append("")
    file.write_text("\n".join(lines), encoding="utf-8")
