"""What `scripts/train_default.py` is composed of."""
