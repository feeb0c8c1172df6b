"""The commands and their arguments. The code of a command is imported only when the command runs."""
