"""Many stores in one web interface: a front page over the catalogue, the merged index, and the
archive of a store opened on demand."""
