-- The present version of journal.db, for a new file. It is what the steps in migrate.go come to,
-- and a test compares them: to create these tables at once is five times as fast. Times are
-- nanoseconds since 1970; an absent time, and an empty JSON value, is NULL. version2.sql and the files
-- of later versions explain the columns and tables that they added. Those that version2.sql calls
-- "for later" may be written by now.

-- Definitions that runs are carried out with, each once. They are never deleted.
CREATE TABLE definitions (
	number INTEGER PRIMARY KEY,
	digest TEXT NOT NULL UNIQUE,
	source BLOB
) STRICT;

-- Runs, numbered in the order in which they were created.
CREATE TABLE runs (
	number        INTEGER PRIMARY KEY,
	id            TEXT NOT NULL UNIQUE,
	version       INTEGER NOT NULL,
	workflow      TEXT NOT NULL,
	request       TEXT NOT NULL,
	started_by    TEXT NOT NULL,
	inputs        TEXT,
	started       INTEGER,
	definition    INTEGER REFERENCES definitions,
	file          TEXT NOT NULL,
	status        TEXT NOT NULL,
	wake          INTEGER,
	ended         INTEGER,
	result        TEXT,
	next          INTEGER NOT NULL,
	holder        TEXT NOT NULL,
	cancel        INTEGER NOT NULL,
	requesters    TEXT,
	waits         TEXT,
	concurrency   TEXT NOT NULL DEFAULT '',
	chain         BLOB,
	pruned        INTEGER,
	inputs_digest BLOB,
	changed       INTEGER,
	url           TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX runs_request ON runs (request) WHERE request <> '';
CREATE INDEX runs_wake ON runs (wake) WHERE wake IS NOT NULL;
CREATE INDEX runs_concurrency ON runs (concurrency) WHERE concurrency <> '' AND ended IS NULL;
CREATE INDEX runs_ended ON runs (workflow, status, ended, pruned) WHERE ended IS NOT NULL AND pruned IS NULL;
CREATE INDEX runs_open ON runs (number) WHERE ended IS NULL;
CREATE INDEX runs_due ON runs (workflow, wake) WHERE wake IS NOT NULL AND holder = '';
CREATE INDEX runs_held ON runs (holder) WHERE holder <> '';
CREATE INDEX runs_kept ON runs (ended) WHERE ended IS NOT NULL AND pruned IS NULL;

-- What happened to runs. Entries are stored in the order in which they are written, with an index
-- beside them, so that they fill one page after the other. If they were stored by run, the entries
-- that many runs write at once would each change another page.
CREATE TABLE entries (
	run   INTEGER NOT NULL REFERENCES runs,
	seq   INTEGER NOT NULL,
	data  TEXT NOT NULL,
	chain BLOB
) STRICT;

CREATE UNIQUE INDEX entries_run ON entries (run, seq);

CREATE TABLE inbox (
	number INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES runs,
	step   TEXT NOT NULL,
	round  INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	data   TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX inbox_question ON inbox (run, step, round);

CREATE TABLE home (
	number     INTEGER PRIMARY KEY CHECK (number = 1),
	nonce      BLOB NOT NULL,
	inode      INTEGER,
	born       INTEGER,
	generation INTEGER NOT NULL
) STRICT;

CREATE TABLE owners (
	name TEXT NOT NULL,
	run  INTEGER NOT NULL REFERENCES runs,
	PRIMARY KEY (name, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE turns (
	position INTEGER PRIMARY KEY AUTOINCREMENT,
	key      TEXT NOT NULL,
	run      INTEGER NOT NULL UNIQUE REFERENCES runs
) STRICT;

CREATE INDEX turns_key ON turns (key, position);

CREATE TABLE tokens (
	number INTEGER PRIMARY KEY,
	name   TEXT NOT NULL UNIQUE,
	hash   BLOB NOT NULL UNIQUE,
	data   TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
	seq  INTEGER PRIMARY KEY,
	data TEXT NOT NULL,
	hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_seal (
	number INTEGER PRIMARY KEY CHECK (number = 1),
	seq    INTEGER NOT NULL,
	key    TEXT NOT NULL,
	mac    BLOB NOT NULL
) STRICT;

CREATE TABLE paused (
	name TEXT PRIMARY KEY,
	data TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE intake_sources (
	name   TEXT PRIMARY KEY,
	cursor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE intake_tickets (
	desk   TEXT NOT NULL,
	ticket TEXT NOT NULL,
	noted  INTEGER NOT NULL,
	run    TEXT NOT NULL,
	at     INTEGER NOT NULL,
	PRIMARY KEY (desk, ticket)
) STRICT, WITHOUT ROWID;

CREATE TABLE intake_messages (
	source TEXT NOT NULL,
	id     TEXT NOT NULL,
	at     INTEGER NOT NULL,
	answer TEXT NOT NULL,
	PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX intake_messages_at ON intake_messages (at);

CREATE TABLE browser_sessions (
	number  INTEGER PRIMARY KEY,
	id      TEXT NOT NULL UNIQUE,
	hash    BLOB NOT NULL UNIQUE,
	token   TEXT NOT NULL,
	seen    INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	ended   INTEGER,
	data    TEXT NOT NULL
) STRICT;

CREATE INDEX browser_sessions_over ON browser_sessions (coalesce(ended, expires));
