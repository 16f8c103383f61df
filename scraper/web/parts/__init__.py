"""What several pages share: citations, filters, the paragraphs of a comparison."""
