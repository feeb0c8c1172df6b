"""Streams of bytes (text lines, CSV, TSV, JSON lines, Parquet) → rows: a text, and the columns that came with it."""
