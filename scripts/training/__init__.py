"""The modules of `scripts/train_default.py`."""
