"""Many resources at once, from files."""
