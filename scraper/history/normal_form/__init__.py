"""The normal form of a revision, in which versions are compared: without what a page writes again
at each fetch, such as sizes and versions of images, session parameters, invisible signs."""
