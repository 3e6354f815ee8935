"""The ground everything stands on: settings, errors, outcomes, request context, clock, ids and JSON text."""
