"""What stood in texts: on a day, since when a phrase, and what did not stand there."""
