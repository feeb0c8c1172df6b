"""The token ids of texts come in; the graph's output for each text goes out."""
