-- Version 4 of journal.db: the sessions of browsers. Never edit this file once a program with it was
-- released; a later change is a new step in migrate.go.

-- The browsers that are signed in to the service. The secret in a browser's cookie is not stored,
-- only its SHA-256. A row is deleted a day after the session has ended or expired.
CREATE TABLE browser_sessions (
	number  INTEGER PRIMARY KEY,
	id      TEXT NOT NULL UNIQUE,
	hash    BLOB NOT NULL UNIQUE,
	token   TEXT NOT NULL, -- its name; '' if an identity provider signed the person in
	seen    INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	ended   INTEGER,
	data    TEXT NOT NULL -- JSON: who acts, the hash of the token's secret, when it was created, the browser
) STRICT;

CREATE INDEX browser_sessions_over ON browser_sessions (coalesce(ended, expires));
