"""What crosses a process boundary: vocabulary, facts, messages, topics, metrics, settings."""
