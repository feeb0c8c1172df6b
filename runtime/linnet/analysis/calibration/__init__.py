"""A classifier and texts with known labels → scores that say how often the label is right."""
