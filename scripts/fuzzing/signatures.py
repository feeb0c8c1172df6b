"""Signatures that are changed at random: the envelope, or the statement in it, which is then signed again.

``python -m fuzzing.signatures`` gives many to the reader alone, without a bundle around them.
"""

import argparse
import base64
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from linnet.errors import LinnetError
from linnet.trust.checking import signed_statement
from linnet.trust.keys import PublicKey
from signing import envelope_of, key_of, public_pem, rooted, statement_of, write_signature

from fuzzing.values import changed_bytes, changed_json

__all__ = ["KEY", "PUBLIC", "mutate", "read", "seeds", "statement_of", "write_signature"]

KEY = key_of()
PUBLIC = PublicKey(public_pem(KEY))
CORPUS = Path(__file__).parent / "corpus" / "signature"
"""Inputs that reached lines of the reader that no seed reaches."""

_TINY = Path(__file__).parents[2] / "tests" / "runtime" / "tiny_embedder"
_ODD = [b"[" * 3000, b'{"a":' * 3000, b"9" * 2000, b"1e999", b"\xff", b"\\ud800", b'"a":1,"a":2,', b"\0", b"==", b" "]
_PATHS = ["../a", "/a", "a/../../b", "a\\b", "c:a", "./a", "a//b", "", "\u202e", "a" * 300, "a\0", "config.json/a", "."]


def read(content: bytes) -> object:
    """Reads a signature; raises only errors of Linnet."""
    return signed_statement(content, PUBLIC, Path("bundle"))


def seeds() -> list[bytes]:
    """Returns signatures that are read without an error: as Linnet and other tools write them."""
    statement = statement_of(_TINY)
    plain = envelope_of(json.dumps(statement).encode(), KEY)
    old = {
        **plain,
        "verificationMaterial": {"publicKey": {"rawBytes": "AA==", "keyDetails": "PKIX_ECDSA_P256_SHA_256"}},
    }
    linked = json.loads(json.dumps(statement))
    linked["predicate"]["serialization"] = {"method": "files", "hash_type": "sha256", "allow_symlinks": True}
    envelopes = [plain, old, envelope_of(json.dumps(linked, indent=2).encode(), KEY)]
    return [json.dumps(envelope).encode() for envelope in envelopes]


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Returns the signature with its envelope changed, or what is signed: then the signature is right again."""
    if chance.random() < 0.6:
        try:
            payload = base64.b64decode(json.loads(content)["dsseEnvelope"]["payload"])
            return json.dumps(envelope_of(_changed_statement(payload, chance), KEY)).encode()
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass  # an earlier change left no statement
    return _changed(content, chance)


def _changed_statement(payload: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        statement = json.loads(payload)
        resource = chance.choice(statement["predicate"]["resources"])
        resource[chance.choice(["name", "digest", "algorithm"])] = chance.choice([*_PATHS, "AB" * 32, "blake3", 1])
        if chance.random() < 0.5:
            chance.shuffle(statement["predicate"]["resources"])
        if chance.random() < 0.7:
            statement = rooted(statement)
        return json.dumps(statement).encode()
    return _changed(payload, chance)


def _changed(content: bytes, chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.2:
        at = chance.randrange(len(content) + 1)
        return content[:at] + chance.choice(_ODD) + content[at:]
    if kind < 0.5:
        return changed_bytes(content, chance)
    try:
        return json.dumps(changed_json(json.loads(content), chance)).encode()
    except (ValueError, RecursionError):
        return changed_bytes(content, chance)


def main() -> int:
    """Gives the reader many signatures and prints what became of them; returns 1 if one was neither read nor refused."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing.signatures", description=main.__doc__)
    parser.add_argument("--count", type=int, default=20_000, metavar="N", help="inputs (default 20000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="equal seeds make equal inputs (default 0)")
    args = parser.parse_args()
    found = attempts(args.count, args.seed)
    print(f"{args.count} inputs: {found.read} read, {found.refused} refused, {len(found.faults)} faults")
    print(f"at worst {found.seconds:.2f} s", *found.faults, sep="\n")
    return 1 if found.faults else 0


@dataclass
class Attempts:
    """What became of inputs; ``seconds`` of processor time took the worst."""

    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def attempts(count: int, seed: int) -> Attempts:
    """Gives the reader ``count`` signatures; equal seeds make equal inputs, but for what signing adds at random."""
    pool = [*seeds(), *(file.read_bytes() for file in sorted(CORPUS.glob("*")))]
    found = Attempts()
    for number in range(count):
        chance = random.Random(f"signature {seed} {number}")
        content = chance.choice(pool)
        for _ in range(chance.choice([1, 1, 2, 3])):
            content = mutate(content, chance)
        start = time.process_time()
        try:
            read(content)
            found.read += 1
        except LinnetError:
            found.refused += 1
        except Exception as error:
            found.faults.append(f"{number}: {type(error).__name__}: {error}"[:300])
        found.seconds = max(found.seconds, time.process_time() - start)
    return found


if __name__ == "__main__":
    sys.exit(main())
