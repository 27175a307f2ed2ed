"""One ASGI process of the HTTP edges: intake, read API, and the page at the root."""
