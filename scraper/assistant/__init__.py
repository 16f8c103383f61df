"""What a language model may ask the archive over the Model Context Protocol, read only."""
