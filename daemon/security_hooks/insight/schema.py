"""The tables of the store. A store of another version is made anew from the log, so nothing is ever migrated."""

# Another number for every change of the tables, or of what `row` puts into them.
VERSION = 1

TABLES = """
CREATE TABLE place (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  segment INTEGER NOT NULL, offset INTEGER NOT NULL, tail BLOB NOT NULL, unreadable INTEGER NOT NULL
);
INSERT INTO place VALUES (1, 0, 0, x'', 0);
CREATE TABLE records (
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, event TEXT, occasion TEXT, client TEXT, session TEXT,
  turn TEXT, agent TEXT, tool TEXT, call_id TEXT, action TEXT, severity INTEGER, verdict TEXT, would TEXT, basis TEXT,
  failure TEXT, elapsed_us INTEGER, generation INTEGER, policy TEXT, project TEXT, cwd TEXT, call_key INTEGER,
  line TEXT NOT NULL
);
CREATE INDEX records_at ON records (at);
CREATE INDEX records_session ON records (session) WHERE session IS NOT NULL;
CREATE INDEX records_call ON records (call_key, seq) WHERE call_key IS NOT NULL;
CREATE TABLE findings (seq INTEGER NOT NULL, rule TEXT NOT NULL, tier TEXT, verdict TEXT, severity INTEGER);
CREATE INDEX findings_seq ON findings (seq);
CREATE TABLE commands (seq INTEGER NOT NULL, program TEXT, action TEXT, severity INTEGER);
CREATE INDEX commands_seq ON commands (seq);
CREATE TABLE effects (seq INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT, real TEXT);
CREATE INDEX effects_seq ON effects (seq);
CREATE TABLE results (
  call INTEGER PRIMARY KEY, seq INTEGER NOT NULL, outcome TEXT
);
"""
PARTS = ("findings", "commands", "effects")
NAMES = ("records", *PARTS, "results", "place")

INSERT_RECORD = f"INSERT OR IGNORE INTO records VALUES ({','.join('?' * 24)})"
INSERT_FINDING = "INSERT INTO findings VALUES (?,?,?,?,?)"
INSERT_COMMAND = "INSERT INTO commands VALUES (?,?,?,?)"
INSERT_EFFECT = "INSERT INTO effects VALUES (?,?,?,?)"
# The last call of this key before its result; only the first result counts.
INSERT_RESULT = """
INSERT OR IGNORE INTO results
  SELECT seq, ?1, ?3 FROM records WHERE call_key = ?2 AND seq < ?1 ORDER BY seq DESC LIMIT 1
"""
