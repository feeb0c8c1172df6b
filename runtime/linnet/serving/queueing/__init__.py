"""The texts of all requests → batches of equal length → rows."""
