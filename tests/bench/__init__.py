"""`python -m tests.bench`: what the whole path costs a page, against bare Scrapy fetching the same
pages in the same run."""
