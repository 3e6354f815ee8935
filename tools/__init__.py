"""Development tools: they are not part of the wheel."""
