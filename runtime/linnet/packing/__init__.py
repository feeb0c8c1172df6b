"""A verified bundle comes in; files with weights packed for this machine go out, which processes share."""
