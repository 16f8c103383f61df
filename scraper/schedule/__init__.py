"""The runner of `scrapy schedule`: clock, processes and files around what `scheduling` decides."""
