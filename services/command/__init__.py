"""The `peygir` command: it composes every service, and is the door for people."""
