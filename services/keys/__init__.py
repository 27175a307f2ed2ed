"""API keys: made, listed, revoked, and known in memory to the edges."""
