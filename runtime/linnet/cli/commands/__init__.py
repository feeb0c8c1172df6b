"""What each command does: its parsed arguments come in, its output and its exit status go out."""
