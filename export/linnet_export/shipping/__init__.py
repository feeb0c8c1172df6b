"""Bundles and the installed runtime come in; a folder that a product or a machine without a network takes goes out."""
