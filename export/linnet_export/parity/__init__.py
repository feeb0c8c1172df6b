"""Takes the original, the fp32 graph and the bundle; measures how much they differ."""
