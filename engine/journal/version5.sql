-- Version 5 of journal.db: run.url, the address of a run's page in the web console, as it was when the run was put on record.
-- It is '' if there was none. Never edit this file once a program with it was released; a later change
-- is a new step in migrate.go.
ALTER TABLE runs ADD COLUMN url TEXT NOT NULL DEFAULT '';
