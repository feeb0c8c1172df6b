"""Linnet beside what people use today: one run, on the same checkpoints and tweets. ``scripts/bench`` starts it."""
