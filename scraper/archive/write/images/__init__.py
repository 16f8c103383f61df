"""Images of posts: which are to be fetched, and what their bytes add to the history."""
