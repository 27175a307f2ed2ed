"""How the line is now, for a terminal: asked of the processes, of Kafka and of Postgres."""
