"""A believable Brazilian clinic, made up from a seed: whom it treats, who works there, and what was recorded.

Everybody in it is invented. Numbers of persons satisfy their check digits, so one may by chance be that of
somebody; telephone numbers and mailboxes are of ranges that reach nobody. Every resource is tagged HTEST.
"""
