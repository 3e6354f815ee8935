"""Rules of the identifiers that Brazil gives to persons, professionals and establishments; pure functions."""
