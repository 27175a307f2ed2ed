"""What moves facts from topic to topic, around a pure core."""
