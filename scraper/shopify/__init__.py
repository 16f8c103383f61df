"""What only Shopify serves: its addresses, feeds, indexes of blogs, and the marks of its pages."""
