"""What stores serve, pure: addresses, documents, answers, and the marks of Shopify's pages."""
