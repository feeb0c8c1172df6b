"""A folder on disk comes in; verified files and typed settings go out."""
