"""What is said of a case over HTTP: the doors for those who work on it, and for its citizen."""
