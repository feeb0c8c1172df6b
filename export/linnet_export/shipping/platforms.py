"""The platforms that a kit can be for, and which wheels run there."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from linnet.errors import InputError
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

_MINORS = range(10, 15)
"""The minor versions of Python that Linnet runs on."""


def _glibc(machine: str) -> tuple[str, ...]:
    """Returns the tags of glibc 2.17 (2014) to 2.28 (2018), the oldest first, so that a kit serves old systems too."""
    return (f"manylinux2014_{machine}", *(f"manylinux_2_{minor}_{machine}" for minor in range(17, 29)))


def _macos(machine: str) -> tuple[str, ...]:
    """Returns the tags of macOS 11 to 15, the oldest first."""
    kinds = (machine, "universal2")
    return tuple(f"macosx_{major}_0_{kind}" for major in range(11, 16) for kind in kinds)


@dataclass(frozen=True)
class Platform:
    """A kind of machine, as Python's `platform` calls it, and the wheels that run on it."""

    name: str
    system: str
    """What ``platform.system()`` returns there."""
    machine: str
    """What ``platform.machine()`` returns there."""
    tags: tuple[str, ...]
    """The platform tags of wheels, the preferred first."""


_ALL = (
    Platform("linux-x86_64", "Linux", "x86_64", _glibc("x86_64")),
    Platform("linux-aarch64", "Linux", "aarch64", _glibc("aarch64")),
    Platform("windows-amd64", "Windows", "AMD64", ("win_amd64",)),
    Platform("macos-arm64", "Darwin", "arm64", _macos("arm64")),
)
PLATFORMS = {platform.name: platform for platform in _ALL}
"""All platforms by name."""


@dataclass(frozen=True)
class Target:
    """A platform and a version of CPython: what a kit is for."""

    platform: Platform
    python: str
    """The version of Python, such as ``3.12``."""

    def __post_init__(self) -> None:
        if self.python not in (known := [f"3.{minor}" for minor in _MINORS]):
            raise InputError(f"expected --python to be one of {', '.join(known)}, found {self.python}")

    @cached_property
    def tags(self) -> frozenset[Tag]:
        """The tags of all wheels that run there."""
        version = tuple(map(int, self.python.split(".")))
        platforms = self.platform.tags
        return frozenset(
            {
                *cpython_tags(version, platforms=platforms),
                *compatible_tags(version, f"cp{''.join(self.python.split('.'))}", platforms),
            }
        )

    def check(self, wheel: Path) -> None:
        """Checks that a wheel runs there.

        Raises:
            InputError: it does not, or it is no wheel.
        """
        try:
            *_, found = parse_wheel_filename(wheel.name)
        except InvalidWheelFilename as error:
            raise InputError(f"{wheel}: expected a wheel, found another name: {error}") from None
        if not found & self.tags:
            shown = ", ".join(sorted(map(str, found)))
            raise InputError(
                f"{wheel.name}: expected a wheel for Python {self.python} on {self.platform.name}, found one for {shown}"
            )
