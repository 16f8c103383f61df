"""Extensions of Scrapy: the state of a running crawl, its archive, its images, its progress."""
