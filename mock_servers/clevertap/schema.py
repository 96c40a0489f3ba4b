"""The tables of this server, step by step as they came to be. A step that was released is never changed."""

from ..rig import jobs

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE account (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        region TEXT NOT NULL,
        created_at INTEGER NOT NULL
    );
    CREATE TABLE passcode (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id),
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    );
    CREATE INDEX passcode_of_account ON passcode (account_id, id);
    CREATE TABLE profile (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id),
        email TEXT,
        properties BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        last_ts INTEGER
    );
    CREATE INDEX profile_of_account ON profile (account_id, id);
    CREATE INDEX profile_by_email ON profile (account_id, email, id) WHERE email IS NOT NULL;
    CREATE TABLE identifier (
        account_id TEXT NOT NULL REFERENCES account (id),
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        profile_id INTEGER NOT NULL REFERENCES profile (id),
        position INTEGER NOT NULL,
        PRIMARY KEY (account_id, kind, value)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX identifier_of_profile ON identifier (profile_id, position);
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id),
        profile_id INTEGER NOT NULL REFERENCES profile (id),
        name TEXT NOT NULL,
        properties BLOB NOT NULL,
        ts INTEGER NOT NULL,
        source TEXT NOT NULL,
        received_at INTEGER NOT NULL
    );
    CREATE INDEX event_of_account ON event (account_id, id);
    CREATE INDEX event_by_name ON event (account_id, name, ts, id);
    CREATE TABLE event_count (
        profile_id INTEGER NOT NULL REFERENCES profile (id),
        name TEXT NOT NULL,
        count INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        PRIMARY KEY (profile_id, name)
    ) WITHOUT ROWID;
    """,
    # Whole documents in place of columns, numbers in place of texts as keys: an upload of 1000 records writes a third.
    """
    ALTER TABLE account ADD COLUMN settings BLOB NOT NULL DEFAULT '{}';

    CREATE TABLE event_name (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        name TEXT NOT NULL,
        UNIQUE (account, name)
    );
    INSERT INTO event_name (account, name)
        SELECT DISTINCT account.number, event.name FROM event JOIN account ON account.id = event.account_id
        ORDER BY event.id;

    CREATE TABLE property_name (
        account INTEGER NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (account, name)
    ) WITHOUT ROWID;
    INSERT OR IGNORE INTO property_name (account, name)
        SELECT account.number, property.key
        FROM profile JOIN account ON account.id = profile.account_id,
            json_each(CAST(profile.properties AS TEXT)) property
        WHERE property.key NOT IN ('Email', 'Phone', 'Gender', 'Employed', 'Education', 'Married', 'Age', 'Name', 'DOB',
            'Photo', 'Tz', 'MSG-email', 'MSG-push', 'MSG-sms', 'MSG-whatsapp', 'MSG-dndEmail', 'MSG-dndSMS',
            'MSG-dndPhone', 'MSG-dndWhatsApp', 'category-unsubscribe', 'category-resubscribe');

    CREATE TABLE person (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        email TEXT,
        phone TEXT,
        document BLOB NOT NULL
    );
    INSERT INTO person (id, account, email, phone, document)
        SELECT profile.id, account.number, profile.email, NULL,
            CAST(json_object(
                'id', profile.id,
                'keys', (SELECT json_group_array(json_array(kind, value)) FROM (
                    SELECT kind, value FROM identifier WHERE profile_id = profile.id ORDER BY position)),
                'properties', json(CAST(profile.properties AS TEXT)),
                'created_at', profile.created_at,
                'updated_at', profile.updated_at,
                'last_ts', profile.last_ts
            ) AS BLOB)
        FROM profile JOIN account ON account.id = profile.account_id;

    CREATE TABLE key (
        account INTEGER NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        profile_id INTEGER NOT NULL,
        PRIMARY KEY (account, kind, value)
    ) WITHOUT ROWID;
    INSERT INTO key (account, kind, value, profile_id)
        SELECT account.number, kind, value, profile_id FROM identifier JOIN account ON account.id = account_id;

    CREATE TABLE occurrence (
        name_id INTEGER NOT NULL,
        ts INTEGER NOT NULL,
        id INTEGER NOT NULL,
        profile_id INTEGER NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (name_id, ts, id)
    ) WITHOUT ROWID;
    INSERT INTO occurrence (name_id, ts, id, profile_id, document)
        SELECT event_name.id, ts, event.id, profile_id, CAST(json_object(
            'properties', json(CAST(properties AS TEXT)), 'source', source, 'received_at', received_at) AS BLOB)
        FROM event JOIN account ON account.id = event.account_id
        JOIN event_name ON event_name.account = account.number AND event_name.name = event.name;
    INSERT INTO counter (name, value) SELECT 'event', MAX(id) FROM event HAVING MAX(id) IS NOT NULL;

    CREATE TABLE tally (
        name_id INTEGER NOT NULL,
        profile_id INTEGER NOT NULL,
        count INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        PRIMARY KEY (name_id, profile_id)
    ) WITHOUT ROWID;
    INSERT INTO tally (name_id, profile_id, count, first_seen, last_seen)
        SELECT event_name.id, profile_id, event_count.count, first_seen, last_seen
        FROM event_count JOIN profile ON profile.id = profile_id JOIN account ON account.id = profile.account_id
        JOIN event_name ON event_name.account = account.number AND event_name.name = event_count.name;

    DROP TABLE event_count;
    DROP TABLE event;
    DROP TABLE identifier;
    DROP TABLE profile;
    ALTER TABLE person RENAME TO profile;
    ALTER TABLE key RENAME TO identifier;
    ALTER TABLE occurrence RENAME TO event;
    ALTER TABLE tally RENAME TO event_count;
    CREATE INDEX profile_of_account ON profile (account, id);
    CREATE INDEX profile_by_email ON profile (account, email, id) WHERE email IS NOT NULL;
    CREATE INDEX profile_by_phone ON profile (account, phone, id) WHERE phone IS NOT NULL;
    CREATE INDEX event_of_profile ON event (profile_id, name_id, ts, id);

    CREATE TABLE blocked_address (
        account INTEGER NOT NULL,
        channel TEXT NOT NULL,
        address TEXT NOT NULL,
        PRIMARY KEY (account, channel, address)
    ) WITHOUT ROWID;
    INSERT OR IGNORE INTO blocked_address (account, channel, address)
        SELECT account, 'email', email FROM profile WHERE email IS NOT NULL
            AND json_extract(CAST(document AS TEXT), '$.properties."MSG-dndEmail"') = 1;
    INSERT OR IGNORE INTO blocked_address (account, channel, address)
        SELECT account, channel, json_extract(CAST(document AS TEXT), '$.properties.Phone')
        FROM profile, (
            SELECT 'phone' AS channel, '$.properties."MSG-dndSMS"' AS switch
            UNION ALL SELECT 'phone', '$.properties."MSG-dndPhone"'
            UNION ALL SELECT 'whatsapp', '$.properties."MSG-dndWhatsApp"')
        WHERE json_extract(CAST(document AS TEXT), switch) = 1
            AND json_type(CAST(document AS TEXT), '$.properties.Phone') = 'text';
    UPDATE profile SET document = CAST(json_remove(CAST(document AS TEXT), '$.properties."MSG-dndEmail"') AS BLOB)
        WHERE email IS NOT NULL;
    UPDATE profile SET document = CAST(json_remove(CAST(document AS TEXT), '$.properties."MSG-dndSMS"',
            '$.properties."MSG-dndPhone"', '$.properties."MSG-dndWhatsApp"') AS BLOB)
        WHERE json_type(CAST(document AS TEXT), '$.properties.Phone') = 'text';
    CREATE TABLE debug_event (
        id INTEGER PRIMARY KEY,
        profile_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL
    );
    CREATE INDEX debug_event_of_profile ON debug_event (profile_id, id);
    CREATE TABLE upload (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        document BLOB NOT NULL
    );
    CREATE INDEX upload_of_account ON upload (account, id);
    CREATE TABLE error_entry (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        document BLOB NOT NULL
    );
    CREATE INDEX error_entry_of_account ON error_entry (account, id);
    CREATE TABLE count_request (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        document BLOB NOT NULL
    );
    CREATE INDEX count_request_of_account ON count_request (account, id);
    CREATE TABLE campaign (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        event_name TEXT NOT NULL,
        document BLOB NOT NULL
    );
    CREATE INDEX campaign_of_account ON campaign (account, event_name, id);
    CREATE TABLE campaign_reached (
        campaign_id INTEGER NOT NULL,
        profile_id INTEGER NOT NULL,
        dispatch_id INTEGER NOT NULL,
        PRIMARY KEY (campaign_id, profile_id)
    ) WITHOUT ROWID;
    CREATE INDEX campaign_reached_of_profile ON campaign_reached (profile_id);
    CREATE TABLE dispatch (
        id INTEGER PRIMARY KEY,
        account INTEGER NOT NULL,
        campaign_id INTEGER NOT NULL,
        profile_id INTEGER NOT NULL,
        is_open INTEGER NOT NULL,
        document BLOB NOT NULL
    );
    CREATE INDEX dispatch_of_account ON dispatch (account, id);
    CREATE INDEX dispatch_of_profile ON dispatch (profile_id) WHERE is_open;
    """,
    jobs.SCHEMA,
)
