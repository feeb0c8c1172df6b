"""Takes an exported graph; gives its encoder, and a graph that computes the same function with less work."""
