"""Which texts are alike: an index beside the archive, and the edges that follow from it."""
