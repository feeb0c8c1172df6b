"""The curves that keys can have, and the environment variable with a key's passphrase; without `cryptography`."""

CURVES = ("p256", "p384", "p521")
"""NIST's curves P-256, P-384 and P-521; the first is the default."""

PASSPHRASE = "LINNET_KEY_PASSPHRASE"
