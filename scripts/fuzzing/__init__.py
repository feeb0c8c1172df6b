"""Bundles are damaged at random or made to do harm; how `linnet` answers goes out: figures for each fuzzer."""
