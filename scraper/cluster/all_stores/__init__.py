"""What concerns all stores at once: archives for the depot, the merged index, the catalogue."""
