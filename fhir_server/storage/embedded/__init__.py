"""The PostgreSQL and the Redis that `neonpro` starts by itself, and the data directory that holds them."""
