"""Requests and batches → metrics and logs, which have no word of the texts."""
