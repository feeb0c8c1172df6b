"""A bundle comes in; an object goes out that another library takes for one of its own. A library has a module."""
