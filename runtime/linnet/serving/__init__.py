"""HTTP requests → the answers of models, and back: `linnet serve`. Stands beside the line and calls the models."""
