"""Another system's past, brought in from a CSV file: read, mapped, compared, appended."""
