"""A hub id or a folder comes in; the checkpoint's files, its recipe and its licence go out."""
