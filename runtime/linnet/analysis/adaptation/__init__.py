"""A bundle and texts with new labels → a bundle that knows these labels: a new head on the frozen encoder."""
