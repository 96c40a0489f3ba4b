"""The tables of the local Zapier."""

from ..rig import jobs

MIGRATIONS = (
    jobs.SCHEMA,
    """
    CREATE TABLE workspace (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        plan TEXT NOT NULL,
        token_hash TEXT UNIQUE
    );
    CREATE TABLE connection (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workspace_id INTEGER NOT NULL,
        app TEXT NOT NULL,
        type TEXT NOT NULL,
        title TEXT NOT NULL,
        auth_data BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (workspace_id, app, title)
    );
    CREATE TABLE sign_in (
        state TEXT PRIMARY KEY,
        workspace_id INTEGER NOT NULL,
        app TEXT NOT NULL,
        title TEXT,
        expires_at INTEGER NOT NULL
    );
    CREATE TABLE zap (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workspace_id INTEGER NOT NULL,
        state TEXT NOT NULL,
        draft BLOB,
        version INTEGER NOT NULL DEFAULT 0,
        hook_id TEXT UNIQUE,
        subscribe_data BLOB,
        selected_record TEXT,
        poll_problem TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    );
    CREATE INDEX zap_workspace ON zap (workspace_id, id);
    CREATE TABLE zap_version (
        zap_id INTEGER NOT NULL,
        version INTEGER NOT NULL,
        definition BLOB NOT NULL,
        PRIMARY KEY (zap_id, version)
    ) WITHOUT ROWID;
    CREATE TABLE test_record (
        zap_id INTEGER NOT NULL,
        id TEXT NOT NULL,
        position INTEGER NOT NULL,
        label TEXT NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (zap_id, id)
    ) WITHOUT ROWID;
    CREATE TABLE step_test (
        zap_id INTEGER NOT NULL,
        step INTEGER NOT NULL,
        data_out BLOB NOT NULL,
        PRIMARY KEY (zap_id, step)
    ) WITHOUT ROWID;
    CREATE TABLE seen (
        zap_id INTEGER NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (zap_id, key)
    ) WITHOUT ROWID;
    CREATE TABLE delivery (
        value TEXT PRIMARY KEY
    ) WITHOUT ROWID;
    CREATE TABLE run (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        workspace_id INTEGER NOT NULL,
        zap_id INTEGER NOT NULL,
        version INTEGER NOT NULL,
        status TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at INTEGER
    );
    CREATE INDEX run_zap ON run (zap_id, number);
    CREATE INDEX run_workspace ON run (workspace_id, number);
    CREATE TABLE step_run (
        run_number INTEGER NOT NULL,
        step INTEGER NOT NULL,
        status TEXT NOT NULL,
        data_in BLOB NOT NULL,
        data_out BLOB NOT NULL,
        error BLOB NOT NULL,
        note TEXT,
        PRIMARY KEY (run_number, step)
    ) WITHOUT ROWID;
    """,
)

TABLES = (
    "workspace", "connection", "sign_in", "zap", "zap_version", "test_record", "step_test", "seen", "delivery",
    "run", "step_run", "job",
)  # fmt: skip
