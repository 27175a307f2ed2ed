"""Stories of a whole Peygir: everything at work, asked by nothing but its doors."""
