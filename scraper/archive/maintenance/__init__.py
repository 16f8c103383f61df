"""What is done with a whole archive: copies, parts, re-extraction, pruning, exports."""
