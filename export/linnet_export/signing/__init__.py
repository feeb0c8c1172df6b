"""A bundle and a private key come in; the bundle's signature goes out, as OpenSSF Model Signing 1.0 says."""
