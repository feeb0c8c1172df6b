"""The modules of `scripts/isa_parity`."""
