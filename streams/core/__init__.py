"""The pure core: every decision about a case, without I/O, clock or randomness."""
