"""Scrapy's settings, in the order of Scrapy's own template; each one that differs from its default
says why. Ours come last."""

from __future__ import annotations

import os

BOT_NAME = "blogkeep"

# What `scrapy list` names: the spiders of single commands (explain, stores) are not to be run.
SPIDER_MODULES = ["scraper.spiders.blog"]
NEWSPIDER_MODULE = "scraper.spiders"
COMMANDS_MODULE = "scraper.commands"

# Who we are, so that a merchant can recognize us; ARCHIVE_CONTACT says how to reach who runs
# it. Default: Scrapy's own name.
_CONTACT = os.environ.get("ARCHIVE_CONTACT", "")
USER_AGENT = "Blogkeep/0.1 (keeps an archive of store blogs" + (
    f"; {_CONTACT})" if _CONTACT else ")"
)

# RobotsMiddleware obeys it, from the same response that the spider reads. Default: False.
ROBOTSTXT_OBEY = True

# These hold on loopback; real hosts get one request a second, two in flight (ARCHIVE_RATE).
# Default: 16.
CONCURRENT_REQUESTS = 8
# In the order of asking: the template is learned from the first pages, and until then every page
# waits in memory. Default: last in, first out.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# The archive is written by one item at a time anyway; the default of 100 starts that many tasks for
# every response.
CONCURRENT_ITEMS = 1
# The first pages wait in BoilerplatePipeline for the store's template; Scrapy must not stop sending
# requests meanwhile, however large they are. Once it is settled the default holds. Default: 5 MB.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 1024**3

# With text/markdown among the choices, storefronts answer with a page for agents. Default: with
# */*, and English first.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "*;q=0.5",
}

# Scrapy's own would take a head of any size. Default: those.
DOWNLOAD_HANDLERS = {
    "http": "scraper.middlewares.header_limit.BoundedHandler",
    "https": "scraper.middlewares.header_limit.BoundedHandler",
}

# Of what Scrapy loads unasked, what is of use here. Storefront pages are the same without cookies,
# and the spider follows redirects itself, since each hop is evidence. What a None in the three
# lists after these leaves out is loaded all the same, to be compared: a quarter of the CPU of a
# crawl's start. Default: those too.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
# Every response reaches the spider, which judges it; depth, referrer and the like are not used.
# Each of these would wrap what a callback yields in one more asynchronous generator.
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memdebug.MemoryDebugger": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}

DOWNLOADER_MIDDLEWARES = {
    "scraper.middlewares.hosts.StoreOnlyMiddleware": 50,
    "scraper.middlewares.robots.RobotsMiddleware": 100,
    "scraper.middlewares.backoff.BackoffMiddleware": 560,
    "scraper.middlewares.credentials.CredentialsMiddleware": 570,
    "scraper.middlewares.compression.BoundedCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # its base
    "scraper.middlewares.proxy.StoreProxyMiddleware": 750,
}

EXTENSIONS = {
    "scraper.extensions.archive.ArchiveExtension": 100,
    "scraper.extensions.images.ImagesExtension": 200,
    "scraper.extensions.progress.ProgressExtension": 500,
}

ITEM_PIPELINES = {
    "scraper.pipelines.boilerplate.BoilerplatePipeline": 200,
    "scraper.pipelines.archive.ArchivePipeline": 300,
}

# Posts as they are, in UTF-8; nested values of a post as JSON in a cell of CSV, and what a terminal
# acts on escaped in JSON and XML. Default: ASCII with escapes, and Python's own notation in a cell.
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {
    "csv": "scraper.exporters.PostCsvExporter",
    "json": "scraper.exporters.PostJsonExporter",
    "xml": "scraper.exporters.PostXmlExporter",
    **dict.fromkeys(("jl", "jsonl", "jsonlines"), "scraper.exporters.PostJsonLinesExporter"),
}

# Quicker than the default, asyncio's own loop.
ASYNCIO_EVENT_LOOP = "uvloop.Loop"

# 429, 430 and 503 are BackoffMiddleware's. Default: also 429 and 503.
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"

# A page of a blog is not larger; the default is 1 GiB.
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_TIMEOUT = 60
# A response that breaks off is evidence too: it is saved, with the verdict truncated. Default:
# True.
DOWNLOAD_FAIL_ON_DATALOSS = False
# An archive that holds what an impostor served is worth nothing. Default: False.
DOWNLOAD_VERIFY_CERTIFICATES = True

# The check parses the callback's source again for every response. Default: True.
WARN_ON_GENERATOR_RETURN_VALUE = False

# Whole items are printed at DEBUG, the default.
LOG_LEVEL = "INFO"
# Looking up the versions of libraries takes longer than a request. Default: those of ten.
LOG_VERSIONS: list[str] = []

# Names that lead into a private network are refused. Default: a resolver that takes any.
TWISTED_DNS_RESOLVER = "scraper.middlewares.resolver.PublicResolver"

# --- Our own. The environment is read here alone, but for the secrets of channels
# (alerts/secrets.py): ARCHIVE_DB=… blogkeep changes.

# How to reach whoever runs the crawls, a mail or web address; part of the user agent. Used by this
# file.
ARCHIVE_CONTACT = _CONTACT

# The archive's file. Used by every command and by ArchiveExtension.
ARCHIVE_DB = os.environ.get("ARCHIVE_DB", "data/archive.db")

# The file of captures (the responses as served); "" is captures.db beside archive.db. Used by
# every command and by ArchiveExtension.
ARCHIVE_CAPTURES = os.environ.get("ARCHIVE_CAPTURES", "")

# The file of stores that are crawled on a schedule; "" is stores.toml beside the archive. Used by
# `alerts`, `stores`, `schedule`, `status`, `serve`, `open`, `worker` and `cluster`.
ARCHIVE_STORES = os.environ.get("ARCHIVE_STORES", "")

# The Wayback Machine, or another archive with a CDX server. Used by the command import.
ARCHIVE_WAYBACK_URL = "https://web.archive.org"

# Requests a second to hosts that are not on loopback, of all crawls of this machine together; 0
# sets no limit. Used by BlogSpider, BackoffMiddleware, `stores` and `import --wayback`.
ARCHIVE_RATE = 1.0

# The file through which those crawls share their budget; where empty, rate_state.json beside the
# archive. Used by BudgetFile.
ARCHIVE_RATE_STATE = ""

# The class that holds that budget: a file of this machine, or a row of the database that a cluster
# shares, which `blogkeep worker` sets. Used by BackoffMiddleware.
ARCHIVE_BUDGET_STATE = "scraper.middlewares.budget_state.BudgetFile"

# Seconds of the first wait after a refusal that names none; it doubles from there. This and the
# next two are used by BackoffMiddleware and `import --wayback`.
ARCHIVE_BACKOFF_FIRST = 5.0

# Seconds of the longest wait. RobotsMiddleware uses it too.
ARCHIVE_BACKOFF_MAX = 300.0

# How often one refused request is retried.
ARCHIVE_BACKOFF_TRIES = 4

# Number of failed requests, of pauses in a row without a successful response, or of block pages in
# a row, after which the crawl ends as blocked. Used by BackoffMiddleware.
ARCHIVE_BLOCKED_AFTER = 5

# Every post is fetched again within so many days, whatever the listings say, and index pages are
# read again; 0: never, a tiny number: all of it now. Used by ArchiveExtension and BlogSpider.
ARCHIVE_SWEEP_DAYS = 30.0

# A difference that no date of the store witnesses becomes a change when so many crawls in a row
# have seen it, the first of them included. Used by ArchiveExtension and `import`.
ARCHIVE_CONFIRM_SIGHTS = 3

# Hours that lie at least between the two crawls that do not find a post and so report it as
# removed; a large removal takes twelve times as long. No time at all on loopback. Used by
# ArchiveExtension and `import`.
ARCHIVE_REMOVAL_HOURS = 6.0

# Set for one crawl (-s ARCHIVE_TRUST_CRAWL=1) by an operator who has checked that the store is as a
# suspicious crawl found it; its pages may then be those of another Shopify store. Used by
# ArchiveExtension and BlogSpider.
ARCHIVE_TRUST_CRAWL = False

# How much one store can make us request: posts it lists, and in proportion sitemaps and index
# pages. Used by BlogSpider.
ARCHIVE_MAX_POSTS = 200_000

# Seconds of CPU that reading one page may take; a page that takes longer is rejected. Used by
# BoilerplatePipeline, `import`, `explain` and `reextract`.
ARCHIVE_PAGE_CPU = 5.0

# Whether a post's page that asks crawlers not to archive it (noarchive, none) is left out: neither
# the page nor its text is stored. It is archived otherwise, and the mark noted. Used by BlogSpider.
ARCHIVE_OBEY_NOARCHIVE = False

# Whether the posts whose text changed are compared with the others at the end of a crawl, an import
# or a re-extraction, which makes links of the kinds similar and copy; posts left out are compared
# by the next one. Used by ArchiveExtension, `import` and `reextract`.
ARCHIVE_COMPARE_TEXTS = True

# Whether the images of posts are fetched, after the posts. Off: they are several requests a post,
# most of the bytes of an archive, and pictures that somebody else may own. Used by
# ArchiveExtension and ImagesExtension.
ARCHIVE_IMAGES = False

# Megabytes (of 1,000,000 bytes) of an image above which it is left out, and of all images of a
# crawl, after which the rest waits for the next crawl. Used by ImagesExtension; the first by
# `import` too.
ARCHIVE_MAX_IMAGE_MB = 10.0
ARCHIVE_MAX_IMAGES_MB = 500.0

# Hours after which a crawl is ended, incomplete; 0 sets no limit. Used by ArchiveExtension.
ARCHIVE_MAX_HOURS = 72.0

# Whether names may lead to private addresses: for stores of an intranet. Used by PublicResolver
# and `serve`.
ARCHIVE_ALLOW_PRIVATE = False

# A TOML file of secret headers per host, outside the archive (docs/explanation/manners.md).
# Used by CredentialsMiddleware, `crawl`, `explain` and `stores`.
ARCHIVE_CREDENTIALS = ""

# An HTTP proxy for plain http requests, such as http://127.0.0.1:3128; the demo store is crawled
# through one. Used by StoreProxyMiddleware, PublicResolver and CredentialsMiddleware.
ARCHIVE_PROXY = ""

# Seconds between two heartbeats of a crawl, and between two log lines of its progress. Used by
# ArchiveExtension and ProgressExtension.
ARCHIVE_HEARTBEAT = 10.0

# Crawls that the schedule runs side by side; they share ARCHIVE_RATE. Used by the
# command schedule.
ARCHIVE_CRAWLS_AT_ONCE = 4

# Seconds that running crawls get to end by themselves when the schedule is stopped; then they are
# killed, and resumed later. Used by `schedule` and `worker`.
ARCHIVE_STOP_TIMEOUT = 60.0

# Seconds without a heartbeat (ARCHIVE_HEARTBEAT) after which the schedule kills a crawl, to be
# resumed later; 0 sets no limit. Comparing the texts of a large first crawl takes minutes in which
# there is none. Used by `schedule` and `worker`.
ARCHIVE_STALL_TIMEOUT = 1800.0

# Free megabytes on the archive's disk below which an incident is opened. Used by the commands
# schedule and status.
ARCHIVE_DISK_FREE_MB = 1000.0

# The public address of the web interface, such as https://archive.example: alerts link to it; ""
# for none. Used by `alerts`, `schedule`, `worker`, `serve` and `open`.
ARCHIVE_WEB_URL = ""

# Whether readers of the web interface may add, pause and resume stores; it then needs a password.
# Used by the command serve.
ARCHIVE_WEB_EDIT = False

# The address of the authority (RFC 3161) that stamps the newest seals; "" for none. Used by the
# command seal.
ARCHIVE_TSA_URL = ""

# A file of the root certificates, in PEM, that are trusted to vouch for that authority; "" for
# those that browsers trust. Used by the command seal.
ARCHIVE_TSA_ROOTS = ""

# A cluster of workers (docs/how-to/run-a-cluster.md). The connection string of its PostgreSQL, such
# as postgresql://blogkeep@db.example/blogkeep. Used by `worker`, `cluster`, `fetch`, `archive`,
# `lake`, `serve`, `alerts` and PostgresBudget.
ARCHIVE_CLUSTER = os.environ.get("ARCHIVE_CLUSTER", "")

# Where the stores' archives are between two crawls: a folder, or s3://, gs://
# or az://BUCKET/FOLDER. Used by `worker`, `cluster`, `fetch`, `archive`, `lake` and `serve`.
ARCHIVE_DEPOT = os.environ.get("ARCHIVE_DEPOT", "")

# The merged index of a cluster: texts and history of all its stores, for searches. Written by
# `cluster index` and `serve --cluster`; used by these, and by `said`, `search` and `audit` with
# `--cluster`.
ARCHIVE_INDEX = "data/index.db"

# Seconds after which `serve --cluster` asks again for newer archives, which it reads into the
# merged index; 0 leaves that to `cluster index`.
ARCHIVE_INDEX_SECONDS = 60.0

# The store and the fence under which a worker has a crawl run; set by the worker. Used by
# PostgresBudget.
ARCHIVE_FENCE = ""

# Seconds between two checkpoints of a crawl in the depot: what a machine that is lost asks again.
# Used by `worker`.
ARCHIVE_CHECKPOINT = 60.0

# Seconds without a heartbeat after which others take over the stores of a worker. Used by `worker`.
ARCHIVE_TAKEOVER = 60.0
