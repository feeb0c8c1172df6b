"""Takes models with texts, labels and scores, and returns what they are worth: metrics, intervals, tables and pages."""
