"""The bytes of a request's body → the type that its route asks for; or an error that says what does not fit."""

from typing import Any

import msgspec

from ..fields import enumerated, nearest, shown
from .failures import RequestError

_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Decoder:
    """Decodes bodies.

    Args:
        asks: the ``msgspec.Struct`` that a body fits. If it forbids unknown keys, the error names the nearest known one.
    """

    def __init__(self, asks: Any) -> None:
        self._decoder = msgspec.json.Decoder(asks)
        self._known = [each.encode_name for each in msgspec.structs.fields(asks)]
        self._strict = asks.__struct_config__.forbid_unknown_fields

    def decoded(self, body: bytes) -> object:
        """Returns the body as what it fits.

        Raises:
            RequestError: it is no JSON, or does not fit.
        """
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            message = (self._unknown(body) if self._strict else None) or f"the body does not fit: {error}"
            raise RequestError("invalid", message) from None
        except msgspec.DecodeError as error:  # its words tell the place, and repeat nothing of the body
            raise RequestError("malformed", f"expected a body of JSON in UTF-8: {error}") from None
        except UnicodeDecodeError:
            raise RequestError("malformed", "expected a body of JSON in UTF-8") from None
        except RecursionError:
            raise RequestError("malformed", "the body is nested too deeply") from None

    def _unknown(self, body: bytes) -> str | None:
        """Returns what to tell of the first unknown key of a body that does not fit; None if all are known."""
        try:
            keys = _KEYS.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        unknown = next((key for key in keys if key not in self._known), None)
        if unknown is None:
            return None
        near = nearest(unknown, self._known)
        remedy = f"did you mean {shown(near)}?" if near else f"known are {enumerated(self._known)}"
        return f"the body has the unknown key {shown(unknown)}; {remedy}"
