"""Command-line arguments come in; a bundle is written, or a report is printed."""
