"""Working time asked for line by line, with a calendar on each line; for `peygir sla calc`."""
