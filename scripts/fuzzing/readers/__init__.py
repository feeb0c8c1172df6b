"""Content that was damaged or made to do harm goes into each reader; how it answers comes out: figures for each reader.

A reader may return or raise one of Linnet's errors. Everything else, slowness and memory included, is a fault.
"""
