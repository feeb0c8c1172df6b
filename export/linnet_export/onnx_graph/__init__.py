"""Takes a model or weights; writes ONNX graphs, and reads, changes and runs them."""
