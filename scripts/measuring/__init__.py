"""The modules of `scripts/five_checkpoints.py`."""
