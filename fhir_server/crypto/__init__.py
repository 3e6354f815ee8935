"""Keys and keyed hashes."""
