"""`GET /api/v1/changes`: every change of every case as it happens, resumed where it was left."""
