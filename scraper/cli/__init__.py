"""What commands share: options, settings, output, and how one starts without Scrapy."""
