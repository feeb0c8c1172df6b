"""What `scripts/isa_parity` is made of."""
