"""A bundle's folder → an archive that Spark unpacks once an executor."""

import hashlib
import os
import tarfile
import tempfile
from pathlib import Path

from pyspark import SparkFiles
from pyspark.sql import SparkSession

from ..bundle.entries import entries
from ..bundle.opening import open_bundle
from ..names import MANIFEST, SIGNATURE
from ..trust.statement import NOT_SIGNED


class Shipped(os.PathLike[str]):
    """A bundle that executors unpack: the folder ``bundle`` on the driver, the archive ``name`` on the executors.

    `ship` makes one. If ``spark-submit`` was given the archive ``my-bundle.tar.gz#my-bundle``, it is
    ``Shipped("/the/folder/on/the/driver", "my-bundle")``.
    """

    def __init__(self, bundle: str | os.PathLike[str], name: str) -> None:
        self.bundle, self.name = str(Path(bundle).absolute()), name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.bundle!r}, {self.name!r})"

    def __fspath__(self) -> str:
        """Returns the bundle's folder in this process."""
        shipped: str = SparkFiles.get(self.name) if SparkFiles._is_running_on_worker else self.bundle
        return shipped


def ship(spark: SparkSession, bundle: str | os.PathLike[str]) -> Shipped:
    """Sends a bundle to all executors, also to those that start later; each unpacks it once.

    A signed bundle is sent with its signature, and with all other files of its folder, which are signed too. A second
    call for the same bundle sends nothing. The driver keeps the archive, which is as large as the bundle, in
    its folder for temporary files until the program ends.

    Args:
        spark: the session.
        bundle: the folder of a bundle on the driver.

    Returns:
        the bundle, as `classify` and `embed` take it.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        BundleIntegrityError: a file is missing, truncated or altered.
    """
    opened = open_bundle(Path(bundle))
    opened.check_weights()
    names = [MANIFEST, *(record.path for record in opened.manifest.files)]
    content = opened.digest.encode()
    if (opened.path / SIGNATURE).is_file():
        names = [name for name, _ in entries(opened.folder) if name.split("/")[0] not in NOT_SIGNED]
        content += (opened.path / SIGNATURE).read_bytes()
    shipped = Shipped(bundle, f"linnet-{hashlib.sha256(content).hexdigest()[:16]}")
    key = (spark.sparkContext.applicationId, shipped.name)
    if key not in _ARCHIVES:
        folder = tempfile.TemporaryDirectory(prefix="linnet-ship-")
        archive = Path(folder.name) / f"{shipped.name}.tar"
        with tarfile.open(archive, "w", dereference=True) as tar:
            for name in names:
                tar.add(opened.path / name, name)
        spark.sparkContext.addArchive(f"{archive}#{shipped.name}")
        _ARCHIVES[key] = folder
    return shipped


_ARCHIVES: dict[tuple[str, str], "tempfile.TemporaryDirectory[str]"] = {}
"""By application and archive, the folder of the archive, which is removed when the program ends."""
