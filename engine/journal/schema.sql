-- Version 1 of journal.db. Times are nanoseconds since 1970; an absent time, and an empty JSON value, is NULL.
-- A change of this file is a new step in migrate.go, never an edit of an old one.

-- Definitions that runs are carried out with, each once.
CREATE TABLE definitions (
	number INTEGER PRIMARY KEY,
	digest TEXT NOT NULL UNIQUE,
	source BLOB
) STRICT;

-- Runs, numbered in the order they were created.
CREATE TABLE runs (
	number     INTEGER PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,
	version    INTEGER NOT NULL,
	workflow   TEXT NOT NULL,
	request    TEXT NOT NULL,
	requester  TEXT NOT NULL,
	inputs     TEXT,
	started    INTEGER,
	definition INTEGER REFERENCES definitions,
	file       TEXT NOT NULL,
	status     TEXT NOT NULL,
	wake       INTEGER,
	ended      INTEGER,
	result     TEXT,
	reason     TEXT NOT NULL,
	next       INTEGER NOT NULL,
	holder     TEXT NOT NULL,
	cancel     INTEGER NOT NULL
) STRICT;

CREATE INDEX runs_request ON runs (request) WHERE request <> '';
CREATE INDEX runs_wake ON runs (wake) WHERE wake IS NOT NULL;

-- What happened to runs. In the order of their writing, with an index beside them, they fill one page after the other; kept together
-- by run, each of the entries that many runs write at once would fall into a page of its own.
CREATE TABLE entries (
	run  INTEGER NOT NULL REFERENCES runs,
	seq  INTEGER NOT NULL,
	data TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX entries_run ON entries (run, seq);
