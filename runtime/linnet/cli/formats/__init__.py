"""Reads texts from files and standard input, and writes predictions and vectors as rows."""
