"""Rows and a model's answers → text lines, CSV, TSV, JSON lines, Parquet, or an array, in a file or a stream."""
