"""What no log can give back, kept apart; and people who are to be forgotten, also after that."""
