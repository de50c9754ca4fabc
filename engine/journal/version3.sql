-- Version 3 of journal.db: what a service needs beside the runs. Never edit this file once a program
-- with it was released; a later change is a new step in migrate.go.

-- When the run was last changed.
ALTER TABLE runs ADD COLUMN changed INTEGER;
UPDATE runs SET changed = coalesce(ended, started);

CREATE INDEX runs_ended ON runs (workflow, status, ended, pruned) WHERE ended IS NOT NULL AND pruned IS NULL;
CREATE INDEX runs_open ON runs (number) WHERE ended IS NULL;
CREATE INDEX runs_kept ON runs (ended) WHERE ended IS NOT NULL AND pruned IS NULL;

-- The runs that wait for a process, and those that a process works on.
CREATE INDEX runs_due ON runs (workflow, wake) WHERE wake IS NOT NULL AND holder = '';
CREATE INDEX runs_held ON runs (holder) WHERE holder <> '';

-- Who may see a run although they see only their own runs. The service chooses the names.
CREATE TABLE owners (
	name TEXT NOT NULL,
	run  INTEGER NOT NULL REFERENCES runs,
	PRIMARY KEY (name, run)
) STRICT, WITHOUT ROWID;

-- The runs with a concurrency key, from their start, or from a retry, to their end. The run with
-- the lowest position of a key works; the others wait for their turn.
CREATE TABLE turns (
	position INTEGER PRIMARY KEY AUTOINCREMENT,
	key      TEXT NOT NULL,
	run      INTEGER NOT NULL UNIQUE REFERENCES runs
) STRICT;

CREATE INDEX turns_key ON turns (key, position);

-- The tokens of the service. A token itself is not stored, only its SHA-256.
CREATE TABLE tokens (
	number INTEGER PRIMARY KEY,
	name   TEXT NOT NULL UNIQUE,
	hash   BLOB NOT NULL UNIQUE,
	data   TEXT NOT NULL -- JSON
) STRICT;

-- Who did what in the service. Rows are only added. hash covers the hash of the row before and this
-- row's data.
CREATE TABLE audit (
	seq  INTEGER PRIMARY KEY,
	data TEXT NOT NULL, -- JSON
	hash BLOB NOT NULL
) STRICT;

-- The seal of the audit log: mac authenticates seq and hash of one row with a key of the credentials.
CREATE TABLE audit_seal (
	number INTEGER PRIMARY KEY CHECK (number = 1),
	seq    INTEGER NOT NULL,
	key    TEXT NOT NULL,
	mac    BLOB NOT NULL
) STRICT;

-- The workflows that the service does not start, and "intake" for all that intake starts.
CREATE TABLE paused (
	name TEXT PRIMARY KEY,
	data TEXT NOT NULL -- JSON: who, when
) STRICT, WITHOUT ROWID;

-- How far intake has read each source.
CREATE TABLE intake_sources (
	name   TEXT PRIMARY KEY,
	cursor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The tickets that intake has dealt with. A row outlives its run, so that no ticket is started twice.
CREATE TABLE intake_tickets (
	desk   TEXT NOT NULL, -- a connector, or a webhook
	ticket TEXT NOT NULL,
	noted  INTEGER NOT NULL, -- 1: the ticket could not be started, and operators have a note
	run    TEXT NOT NULL, -- the id of the ticket's run, or of the run that writes the note
	at     INTEGER NOT NULL,
	PRIMARY KEY (desk, ticket)
) STRICT, WITHOUT ROWID;

-- The messages of webhooks that were answered, so that one that comes again gets the same answer.
CREATE TABLE intake_messages (
	source TEXT NOT NULL,
	id     TEXT NOT NULL,
	at     INTEGER NOT NULL,
	answer TEXT NOT NULL, -- JSON
	PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX intake_messages_at ON intake_messages (at);
