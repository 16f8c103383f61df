-- What the merged index has beside the tables of an archive: whose archives it was filled from.

-- An archive under the name that its store has in the cluster, in the state of that key. Its ids
-- are here larger by so much.
CREATE TABLE indexed_archives (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    stores_moved INTEGER NOT NULL,
    posts_moved INTEGER NOT NULL,
    changes_moved INTEGER NOT NULL
) STRICT;

-- The stores of each, by their ids here.
CREATE TABLE indexed_stores (
    id INTEGER PRIMARY KEY REFERENCES stores(id),
    archive_id INTEGER NOT NULL REFERENCES indexed_archives(id)
) STRICT;
CREATE INDEX indexed_stores_archive ON indexed_stores(archive_id);
