"""Folders of bundles → loaded versions by name: checked before they take traffic, swapped, mirrored to."""
