-- Version 2 of journal.db: persons and waits are data. Never edit this file; a later change is a
-- new step in migrate.go. Some columns and tables are for later programs. Each of them says so, and
-- version 2 does not write it.

-- Who started the run.
ALTER TABLE runs RENAME COLUMN requester TO started_by;

-- The persons whom the service request names: a JSON list of texts, NULL if there are none.
ALTER TABLE runs ADD COLUMN requesters TEXT;

-- What the run waits for: a JSON list of engine.Wait, NULL if there is nothing. It takes the place
-- of the column reason, which version2.go drops after it has read the texts.
ALTER TABLE runs ADD COLUMN waits TEXT;

-- For later: the run's concurrency key. Of the open runs with one key, only some work at a time.
ALTER TABLE runs ADD COLUMN concurrency TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_concurrency ON runs (concurrency) WHERE concurrency <> '' AND ended IS NULL;

-- For later: a hash over the run's inputs, on which the chained hashes of its entries build.
ALTER TABLE runs ADD COLUMN chain BLOB;

-- For later: when the run's inputs and entries were deleted, and the digest of those inputs.
ALTER TABLE runs ADD COLUMN pruned INTEGER;
ALTER TABLE runs ADD COLUMN inputs_digest BLOB;

-- For later: a hash over the chain of the entry before and this entry.
ALTER TABLE entries ADD COLUMN chain BLOB;

-- What persons decided about runs: the process that works on a run takes it from here. There is at
-- most one message for each question, which is a step of a run in one round.
CREATE TABLE inbox (
	number INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES runs,
	step   TEXT NOT NULL,
	round  INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	data   TEXT NOT NULL -- JSON
) STRICT;

CREATE UNIQUE INDEX inbox_question ON inbox (run, step, round);

-- For later: the id of the folder that this database belongs to, by which a program finds out that
-- the folder is a copy. The file home.id has the same. The table has one row at most.
CREATE TABLE home (
	number     INTEGER PRIMARY KEY CHECK (number = 1),
	nonce      BLOB NOT NULL,
	inode      INTEGER, -- of home.id
	born       INTEGER, -- when home.id was created
	generation INTEGER NOT NULL
) STRICT;
