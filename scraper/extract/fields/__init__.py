"""What a page says of its post: title, author, dates, tags, discount codes."""
