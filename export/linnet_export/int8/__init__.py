"""Takes an fp32 graph or an encoder; gives its INT8 graph."""
