"""A page as markup: parsed, walked, read as text, cut into blocks."""
