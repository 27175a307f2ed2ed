"""Open promises by another version of the policy: what would change, and the orders for it."""
