"""Files, folders, forks and threads of the operating system: what every room may use."""
