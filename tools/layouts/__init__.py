"""The measurement behind the storage layout: the candidates' schemas under the same load (ADR 0001)."""
