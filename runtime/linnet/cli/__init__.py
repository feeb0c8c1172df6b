"""Takes command-line arguments, and writes answers to standard output or to a file."""
