"""The formats that the commands write."""

OF_PREDICTIONS = ("jsonl", "csv", "tsv", "txt", "parquet")
OF_EXPLANATIONS = OF_PREDICTIONS
OF_VECTORS = ("npy", "jsonl", "csv", "tsv", "parquet")
