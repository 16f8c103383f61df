"""What browsers draw: the graph of posts and the plots, with the same as lists."""
