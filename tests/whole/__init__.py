"""What only all of a running Peygir shows."""
