"""Staff: the accounts of people who work on cases, how they sign in, and their sessions."""
