"""Kafka, Postgres, our own processes: a whole Peygir on one machine, from what pip brings."""
