"""What an answer means: verdicts, challenges, redirects, refusals."""
