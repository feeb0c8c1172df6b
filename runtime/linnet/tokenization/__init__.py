"""Turns a prepared text into its encoding: ids, tokens, and offsets into the user's text."""
