"""The graph of posts, pure: measures, differences, texts that are alike, and exports."""
