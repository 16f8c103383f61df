"""Every error that Blogkeep raises on purpose. The message is one line that says what
to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

TOO_MUCH_FOR_TOML: Final = "it is nested too deeply, or a number in it is far too long"
"""The reason for a file that the parser of TOML gives up, whatever the file is for."""

INCOMPLETE: Final = 3
"""The exit code of a command that did what it could: something is left out, or to be run again."""

INTERRUPTED: Final = 130
"""The exit code of a command that Ctrl+C or SIGTERM ended, as shells give it."""

ENDED_BY_SIGNAL: Final = {"crawl": INCOMPLETE, "schedule": 0, "worker": 0, "serve": 0, "open": 0}
"""The exit codes of commands that end otherwise: all but a crawl have no other end."""


class BlogkeepError(Exception):
    """The root of the tree; commands print its message and exit with `exit_code`."""

    exit_code = 1

    @property
    def lines(self) -> tuple[str, ...]:
        """What is printed, a line for each mistake."""
        return (str(self),)


class OutOfResources(BlogkeepError):
    """Raised by commands before they begin if the system allows too few file descriptors or too
    little memory; raise the limit."""


class UsageProblem(BlogkeepError):
    """Raised by commands and URL parsing when the words of a call are wrong; call again,
    corrected."""

    exit_code = 2


class NotAStoreURL(UsageProblem):
    """Raised by `hosts.parse_store_url` for what cannot be the address of a store; give its
    web address."""


class NotAStore(BlogkeepError):
    """Raised by the crawl command when an address answered and showed no blog; check the address in
    a browser."""


class CredentialsProblem(BlogkeepError):
    """Raised on reading the file of ARCHIVE_CREDENTIALS before anything is asked; the message names
    file, host and mistake, no value."""


class PrivateAddress(BlogkeepError):
    """Raised by `middlewares.hosts` for a name that leads into a private network; set
    ARCHIVE_ALLOW_PRIVATE if the store is there."""


class RobotsUnavailable(BlogkeepError):
    """Raised by `middlewares.robots` for a URL of a host whose robots.txt could not be read; crawl
    again later."""


class ExtractionError(BlogkeepError):
    """Raised by `extract` when a page holds no post that could be taken out; nothing is archived
    from it."""


class PageLost(BlogkeepError):
    """Raised by the extraction worker for a page that it was given before it was started again;
    give it again."""


class FeedError(BlogkeepError):
    """Raised by `documents` for a document that cannot be read; the
    source counts as unseen."""


class PageRejected(ExtractionError):
    """Raised for a page over a limit of reading: its size, its markup, the CPU time or memory that
    it takes, or that it crashes the process that reads it. Reading it again would end the same."""


class TooMuchMarkup(PageRejected, FeedError):
    """Raised by `documents.markup_limits` for a page of more tags than any page has: it holds no
    post, and as a listing it counts as unseen."""


class EditRefused(BlogkeepError):
    """Raised by the editor of stores for an address that cannot be tried now, or that was not
    tried; the message says what to do."""


class FormRefused(BlogkeepError):
    """Raised by the web interface for a form that it does not accept; the message says why."""


class StoresProblem(BlogkeepError):
    """Raised by `schedule` for an invalid file of stores. Each of its `lines` names the line and
    the reason of an error; correct them in the file."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self._lines = tuple(lines)

    @property
    def lines(self) -> tuple[str, ...]:
        return self._lines

    def of_file(self, path: str) -> StoresProblem:
        """The same problem, each line beginning with the file's name."""
        return StoresProblem([f"{path}: {line}" for line in self._lines])


class NotDelivered(BlogkeepError):
    """Raised by `alerts.delivery` when a channel did not accept a message. The reason contains
    neither its URL nor a password.

    `refused` is True if the channel rejected this message itself.
    """

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


class ArchiveError(BlogkeepError):
    """Raised by `archive` when the database cannot be used as it is."""


class ArchiveBusy(ArchiveError):
    """Another program holds the write lock of the archive for longer than a writer waits."""


class AlreadyCrawling(ArchiveError):
    """Raised when a crawl of the same store into the same archive is under way; run it again
    later."""

    exit_code = INCOMPLETE


class WrongClock(ArchiveError):
    """Raised when a crawl would begin before what the archive has of the store, more than a day
    after the store's own time, or more than a year after the last one of any store; set the
    clock."""


class ClusterError(BlogkeepError):
    """Raised by the commands of a cluster where it is not set up, or a store is not in it; the
    message says what to do."""


class ClusterUnavailable(ClusterError):
    """Raised where PostgreSQL cannot be reached; a worker tries again by itself."""


class DepotUnavailable(ClusterError):
    """Raised where the depot cannot be read or written; a worker tries again by itself."""


class StoreLost(BlogkeepError):
    """Raised in a cluster for a crawl or worker whose store another worker has taken over: what it
    has not published is crawled by that one."""

    exit_code = INCOMPLETE


class AnotherRunner(ArchiveError):
    """Raised by the schedule command if another one is running on the same archive; end that one
    first."""

    exit_code = INCOMPLETE


class NotAnArchive(ArchiveError):
    """Raised on opening a file that is no SQLite database, or a database of something else; name
    another file with --db."""


class ArchiveTooNew(ArchiveError):
    """Raised on opening an archive that a newer Blogkeep wrote; update Blogkeep."""


class ArchiveTooOld(ArchiveError):
    """Raised by the serve command for an archive of an older version, which it only reads: bring it
    up to date with --migrate. Raised on opening a file from before version 1: crawl into a new
    one."""


class NoArchive(ArchiveError):
    """Raised on reading an archive that is not there yet; crawl or import first."""


class BackupFailed(ArchiveError):
    """Raised by the backup command where the copy is a damaged file, which is then deleted: run
    `blogkeep verify` on the archive."""


class NotStamped(ArchiveError):
    """Raised by the seal command for an answer or a proof that does not hold; what it was to extend
    stays as it was: run it again, or name another authority."""


class CaptureLost(ArchiveError):
    """Raised on reading what an answer was, where the captures' file, or its row in it, is not at
    hand or is not what it was."""


class NoSuchStore(BlogkeepError):
    """Raised when no archived store bears the name or address that was asked for; the message names
    some that are there."""


class NoSuchBlog(BlogkeepError):
    """Raised where a store has no blog of a handle that was asked for; the message names those it
    has."""


class NoSuchPost(BlogkeepError):
    """Raised when no post, or more than one, fits what was asked for; use its URL, handle, label or
    number."""


class QueryFailed(BlogkeepError):
    """Raised by `archive.queries` for a query that took too long, or an archive that another
    program has locked; try again."""


class QueryTimeout(QueryFailed):
    """A query of a visitor took longer than it may."""


class QueryTooLong(BlogkeepError):
    """The web interface refuses a query with too many words or characters: shorten it."""


class NoSuchChange(BlogkeepError):
    """Raised by `archive.queries` when no change, or group of changes, has the number that was
    asked for."""


class NoComparison(BlogkeepError):
    """The web interface does not compare versions that are too long: `blogkeep diff` does."""


class NoSuchRevision(BlogkeepError):
    """Raised when a post has no revision of that number."""


class QuoteRefused(BlogkeepError):
    """Raised by `archive.queries` for a quotation that no archived revision holds word for word; it
    names the most similar passage."""


class MissingLibrary(BlogkeepError):
    """Raised by commands where a library of the extra that they need is not installed; the message
    says how to install it."""


class ImportProblem(BlogkeepError):
    """Raised on reading a file that does not exist, or on importing one that holds no post."""


class EndlessAnswer(BlogkeepError):
    """Raised on reading an HTTP answer that is larger, or takes longer, than any should; whoever
    asked reports its server as unavailable."""


class WaybackUnavailable(BlogkeepError):
    """Raised where the Wayback Machine does not answer, or not as it should; what was downloaded
    stays, and the same command continues from there."""

    exit_code = INCOMPLETE


class NoPage(BlogkeepError):
    """Raised by the explain command when an address or a file gives no page of a post; the message
    says what it gave."""


class PageRefused(NoPage):
    """Raised by the explain command when the store refuses us for the moment; run it again
    later."""

    exit_code = INCOMPLETE


class NotOurs(BlogkeepError):
    """Raised by the explain and export commands before they would overwrite a file that they did
    not write; name another one."""


class RulebookProblem(BlogkeepError):
    """Raised by `claims` for a rulebook that cannot be read, or that fails its own tests; correct
    the place that the message names."""


class NoLetter(BlogkeepError):
    """Raised by the letter command for a file that is no letter: it cannot be read, or quotes
    nothing."""
