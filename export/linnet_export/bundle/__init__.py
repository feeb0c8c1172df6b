"""A graph, a tokenizer, settings and a parity report come in; the folder that users load goes out."""
