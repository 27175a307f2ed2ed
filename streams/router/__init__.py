"""The stateless workers that turn what lies in the inboxes into facts of the log."""
