"""How this copy of Linnet is called and installed, for messages: also under another name, inside another product."""

VERSION = "0.1.0"
"""The version of this copy."""

PACKAGE = __name__.rpartition(".")[0]
"""The name that this copy is imported by: ``linnet``, or for example ``app._vendor.linnet``."""

VENDORED = PACKAGE != "linnet"
"""True if this copy has another name, so that ``pip`` does not know it."""

PROGRAM = f"python -m {PACKAGE}" if VENDORED else "linnet"
"""The command line of this copy."""

UPDATE = (
    f"replace {PACKAGE} by the folder runtime/linnet of a newer Linnet"
    if VENDORED
    else "update your clone of Linnet, and run pip install ./runtime in it"
)
"""How to get a newer version of this copy."""

INSTALL_DEFAULT = (
    f"copy the folder artifacts/linnet_default of your clone of Linnet beside {PACKAGE}"
    if VENDORED
    else "run pip install ./artifacts in your clone of Linnet"
)
"""How to install the embedded default where this copy finds it."""
