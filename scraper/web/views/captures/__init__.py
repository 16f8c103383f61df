"""What the store answered: captured pages, images, and captures by time."""
