"""A bundle comes in; a model of the class for its task goes out."""
