"""The read API over the projection; it never touches Kafka."""
