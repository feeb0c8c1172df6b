"""Checks bills of materials against the published schema of CycloneDX 1.6."""

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def schema_error(content: bytes) -> str | None:
    """What is wrong with a document by the schema; None if nothing is."""
    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode())
    return None if found is None else str(found)
