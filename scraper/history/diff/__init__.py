"""Two texts compared: by their words, by their paragraphs, and how much the difference matters."""
