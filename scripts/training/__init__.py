"""The modules of `scripts/train_default.py`, `scripts/read_back.py` and `scripts/tiny_embedder.py`."""
