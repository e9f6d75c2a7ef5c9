-- Taller: the complete current schema of one school's database.
--
-- Money is integer cents with an ISO 4217 code. Moments are UTC seconds since 1970. Dates are ISO
-- text (YYYY-MM-DD), or NULL. Flags are 0 or 1. Text is valid UTF-8 and never '' where NULL says
-- "not given". Everything a school must be able to rely on (seats, one inscription a student and
-- workshop, one payment a provider reference, numbers of receipts) is a constraint here, so that it
-- holds for the sqlite3 shell as well as for the server. Triggers use only what Debian 12's sqlite3
-- has. An older file is brought here by the steps in src/shop/migrations.c.

PRAGMA application_id = 1413565525;  -- 'TALU'
PRAGMA user_version = 4;

-- ---------------------------------------------------------------- the school

CREATE TABLE setting (               -- what the school decides; names and defaults: shop/setting.c
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting_revision (      -- one row that grows whenever a setting or legal text changes,
    id       INTEGER PRIMARY KEY CHECK (id = 1),   -- so that a cached copy is known to be old
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO setting_revision (id, revision) VALUES (1, 1);

CREATE TABLE secret (                -- keys made by the server; never shown, never exported
    purpose TEXT PRIMARY KEY,
    key     BLOB NOT NULL CHECK (length(key) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE legal_text (            -- terms and privacy texts, every version ever published
    id           INTEGER PRIMARY KEY,
    purpose      TEXT NOT NULL CHECK (purpose IN ('terms', 'privacy')),
    version      INTEGER NOT NULL CHECK (version > 0),
    body         TEXT NOT NULL CHECK (body <> ''),
    published_at INTEGER NOT NULL,
    UNIQUE (purpose, version)
) STRICT;

CREATE TABLE picture (               -- content-addressed: a name never changes its bytes
    hash         TEXT PRIMARY KEY,   -- BLAKE2b-128 of the bytes, lower-case hex
    content_type TEXT NOT NULL CHECK (content_type IN
                 ('image/jpeg', 'image/png', 'image/webp', 'image/svg+xml')),
    width        INTEGER NOT NULL CHECK (width > 0),    -- pixels
    height       INTEGER NOT NULL CHECK (height > 0),   -- pixels
    bytes        BLOB NOT NULL
) STRICT;

CREATE TABLE picture_size (          -- the same picture, smaller: for srcset
    picture_hash TEXT NOT NULL REFERENCES picture (hash) ON DELETE CASCADE,
    width        INTEGER NOT NULL CHECK (width > 0),
    hash         TEXT NOT NULL REFERENCES picture (hash),
    PRIMARY KEY (picture_hash, width)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- people

CREATE TABLE account (
    id                 INTEGER PRIMARY KEY,
    email              TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),  -- as typed
    email_key          TEXT NOT NULL DEFAULT '',  -- lower case; what makes an address the same
    password_hash      TEXT,         -- argon2id, encoded; NULL: cannot log in by password
    first_name         TEXT NOT NULL,
    last_name          TEXT NOT NULL,
    country            TEXT CHECK (length(country) = 2),          -- ISO 3166-1 alpha-2
    role               INTEGER NOT NULL DEFAULT 1 CHECK (role IN (1, 2, 3)),
                                     -- 1 parent, 2 teacher, 3 adult student
    phone              TEXT,         -- as typed, for people to call
    school             TEXT,         -- where a teacher teaches or an adult student studies
    date_of_birth      TEXT CHECK (date_of_birth GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    staff_role         TEXT CHECK (staff_role IN ('owner', 'manager', 'desk', 'instructor')),
    is_active          INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    language           TEXT CHECK (language IN ('en', 'es')),     -- NULL: not chosen yet
    email_confirmed_at INTEGER,      -- NULL: the link was never followed
    created_at         INTEGER NOT NULL DEFAULT 0,
    last_seen_at       INTEGER,      -- renewed at most every ten minutes
    closed_at          INTEGER,      -- closed by its owner; is_active is then 0
    erased_at          INTEGER,      -- made anonymous; nothing of the person is left
    notes              TEXT          -- what staff should know; the person sees it in an export
) STRICT;
CREATE UNIQUE INDEX account_email ON account (email_key);
CREATE INDEX account_staff ON account (staff_role) WHERE staff_role IS NOT NULL;

CREATE TRIGGER account_email_key AFTER INSERT ON account WHEN NEW.email_key = '' BEGIN
    UPDATE account SET email_key = lower(NEW.email) WHERE id = NEW.id;
END;

CREATE TABLE session (               -- a browser that is logged in
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),  -- BLAKE2b-256 of the cookie
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    csrf_token TEXT NOT NULL,        -- serves every form until login, logout, password change
    remember   INTEGER NOT NULL CHECK (remember IN (0, 1)),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,     -- renewed at most every ten minutes
    expires_at INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL DEFAULT 0,  -- when the password or a code was typed last
    awaits_code  INTEGER NOT NULL DEFAULT 0 CHECK (awaits_code IN (0, 1))
                                     -- the password was right, the second factor is still to come
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE one_time_link (         -- a link sent by mail that works once
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    purpose    TEXT NOT NULL CHECK (purpose IN ('password_reset', 'confirm_email')),
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_link_account ON one_time_link (account_id);
CREATE INDEX one_time_link_expires ON one_time_link (expires_at);

CREATE TABLE second_factor (         -- codes of an authenticator app (TOTP, RFC 6238)
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    secret     BLOB NOT NULL CHECK (length(secret) = 20),
    enabled_at INTEGER,              -- NULL: set up, but no code was typed yet
    last_step  INTEGER NOT NULL DEFAULT 0  -- of the last accepted code: each works once
) STRICT;

CREATE TABLE recovery_code (         -- instead of a code, once
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    code_hash  BLOB NOT NULL CHECK (length(code_hash) = 32),
    used_at    INTEGER,
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE consent (               -- what somebody agreed to, or took back; rows are never changed
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    purpose    TEXT NOT NULL CHECK (purpose IN ('terms', 'privacy', 'marketing', 'photo')),
    version    INTEGER NOT NULL,     -- of the legal text; 0 where there is none
    granted    INTEGER NOT NULL CHECK (granted IN (0, 1)),
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX consent_account ON consent (account_id, purpose, id);
CREATE INDEX consent_text ON consent (purpose, version, account_id);  -- who accepted which

CREATE TABLE student (               -- who sits in the workshop
    id            INTEGER PRIMARY KEY,
    slug          TEXT NOT NULL UNIQUE,       -- random; what forms carry
    parent_id     INTEGER NOT NULL REFERENCES account (id),
    first_name    TEXT NOT NULL,
    last_name     TEXT NOT NULL,
    date_of_birth TEXT NOT NULL CHECK
                  (date_of_birth GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    school        TEXT,
    is_self       INTEGER NOT NULL DEFAULT 0 CHECK (is_self IN (0, 1)),  -- the account's own person
    created_at    INTEGER NOT NULL DEFAULT 0,
    archived_at   INTEGER,           -- hidden from the family's lists; inscriptions keep it
    emergency_contact TEXT,          -- whom to call: name and number
    notes         TEXT               -- allergies and the like; for staff with a roster
) STRICT;
CREATE INDEX student_parent ON student (parent_id);
CREATE UNIQUE INDEX student_self ON student (parent_id) WHERE is_self = 1;

-- Search in names, for staff: words in any order, case and accents do not count (FTS5 keeps an index
-- over the tables' own columns; the triggers keep it right).
CREATE VIRTUAL TABLE account_fts USING fts5 (first_name, last_name, email, phone,
    content = 'account', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER account_fts_insert AFTER INSERT ON account BEGIN
    INSERT INTO account_fts (rowid, first_name, last_name, email, phone)
    VALUES (NEW.id, NEW.first_name, NEW.last_name, NEW.email, NEW.phone);
END;
CREATE TRIGGER account_fts_delete AFTER DELETE ON account BEGIN
    INSERT INTO account_fts (account_fts, rowid, first_name, last_name, email, phone)
    VALUES ('delete', OLD.id, OLD.first_name, OLD.last_name, OLD.email, OLD.phone);
END;
CREATE TRIGGER account_fts_update AFTER UPDATE OF first_name, last_name, email, phone ON account BEGIN
    INSERT INTO account_fts (account_fts, rowid, first_name, last_name, email, phone)
    VALUES ('delete', OLD.id, OLD.first_name, OLD.last_name, OLD.email, OLD.phone);
    INSERT INTO account_fts (rowid, first_name, last_name, email, phone)
    VALUES (NEW.id, NEW.first_name, NEW.last_name, NEW.email, NEW.phone);
END;

CREATE VIRTUAL TABLE student_fts USING fts5 (first_name, last_name,
    content = 'student', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER student_fts_insert AFTER INSERT ON student BEGIN
    INSERT INTO student_fts (rowid, first_name, last_name)
    VALUES (NEW.id, NEW.first_name, NEW.last_name);
END;
CREATE TRIGGER student_fts_delete AFTER DELETE ON student BEGIN
    INSERT INTO student_fts (student_fts, rowid, first_name, last_name)
    VALUES ('delete', OLD.id, OLD.first_name, OLD.last_name);
END;
CREATE TRIGGER student_fts_update AFTER UPDATE OF first_name, last_name ON student BEGIN
    INSERT INTO student_fts (student_fts, rowid, first_name, last_name)
    VALUES ('delete', OLD.id, OLD.first_name, OLD.last_name);
    INSERT INTO student_fts (rowid, first_name, last_name)
    VALUES (NEW.id, NEW.first_name, NEW.last_name);
END;

-- ---------------------------------------------------------------- what is sold

CREATE TABLE topic (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    description  TEXT,
    color        INTEGER NOT NULL DEFAULT 1 CHECK (color BETWEEN 1 AND 8),  -- of the palette
    picture_hash TEXT REFERENCES picture (hash)
) STRICT;

CREATE TABLE workshop (
    id                   INTEGER PRIMARY KEY,
    slug                 TEXT NOT NULL UNIQUE CHECK (slug GLOB '[a-z0-9]*' AND slug NOT GLOB '*[^a-z0-9-]*'),
    topic_id             INTEGER NOT NULL REFERENCES topic (id),
    title                TEXT NOT NULL CHECK (title <> ''),
    description          TEXT,
    bring                TEXT,       -- what to bring
    picture_hash         TEXT REFERENCES picture (hash),
    price_cents          INTEGER NOT NULL CHECK (price_cents BETWEEN 0 AND 100000000),
    discount_price_cents INTEGER CHECK (discount_price_cents BETWEEN 0 AND price_cents),
                                     -- NULL: no discount; 0: free
    min_age              INTEGER CHECK (min_age BETWEEN 0 AND 120),   -- NULL: no lower limit
    max_age              INTEGER CHECK (max_age BETWEEN 0 AND 120),   -- NULL: no upper limit
    place                TEXT,
    start_date           TEXT CHECK (start_date GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    end_date             TEXT CHECK (end_date GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    schedule             TEXT,       -- the days in words, where weekdays does not say it
    hours                TEXT,       -- the hours in words, where start_minute does not say it
    weekdays             INTEGER NOT NULL DEFAULT 0 CHECK (weekdays BETWEEN 0 AND 127),
                                     -- 1 Monday, 2 Tuesday, 4 Wednesday … 64 Sunday, added up
    start_minute         INTEGER CHECK (start_minute BETWEEN 0 AND 1439),  -- of the day, local
    end_minute           INTEGER CHECK (end_minute BETWEEN 1 AND 1440),
    weeks                INTEGER CHECK (weeks > 0),
    level                INTEGER CHECK (level IN (1, 2, 3)),  -- beginner, intermediate, advanced
    capacity             INTEGER CHECK (capacity >= 0),       -- NULL: no limit
    seats_taken          INTEGER NOT NULL DEFAULT 0 CHECK (seats_taken >= 0),
                                     -- held and confirmed inscriptions; kept by triggers
    active               INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    private              INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1)),
    private_key          TEXT,       -- opens a private workshop's page by ?key=
    sales_open_at        INTEGER,    -- NULL: at once
    sales_close_at       INTEGER,    -- NULL: when the start date begins
    created_at           INTEGER NOT NULL DEFAULT 0,
    archived_at          INTEGER,    -- out of staff's daily lists; active is then 0
    cancelled_at         INTEGER,    -- will not take place; active is then 0
    CHECK (min_age IS NULL OR max_age IS NULL OR min_age <= max_age),
    CHECK (start_date IS NULL OR end_date IS NULL OR start_date <= end_date),
    CHECK (start_minute IS NULL OR end_minute IS NULL OR start_minute < end_minute),
    CHECK (capacity IS NULL OR seats_taken <= capacity)       -- never oversold
) STRICT;
CREATE INDEX workshop_topic ON workshop (topic_id);
CREATE INDEX workshop_shown ON workshop (start_date, id) WHERE active = 1 AND private = 0;
CREATE INDEX workshop_listed ON workshop (coalesce(end_date, start_date, '9999-12-31'), topic_id)
    WHERE active = 1 AND private = 0;  -- by last day: what is not past
CREATE INDEX workshop_days ON workshop (coalesce(end_date, start_date));  -- for staff: all of them

CREATE VIRTUAL TABLE workshop_fts USING fts5 (title, place,
    content = 'workshop', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER workshop_fts_insert AFTER INSERT ON workshop BEGIN
    INSERT INTO workshop_fts (rowid, title, place) VALUES (NEW.id, NEW.title, NEW.place);
END;
CREATE TRIGGER workshop_fts_delete AFTER DELETE ON workshop BEGIN
    INSERT INTO workshop_fts (workshop_fts, rowid, title, place)
    VALUES ('delete', OLD.id, OLD.title, OLD.place);
END;
CREATE TRIGGER workshop_fts_update AFTER UPDATE OF title, place ON workshop BEGIN
    INSERT INTO workshop_fts (workshop_fts, rowid, title, place)
    VALUES ('delete', OLD.id, OLD.title, OLD.place);
    INSERT INTO workshop_fts (rowid, title, place) VALUES (NEW.id, NEW.title, NEW.place);
END;

CREATE TABLE workshop_instructor (
    workshop_id INTEGER NOT NULL REFERENCES workshop (id) ON DELETE CASCADE,
    account_id  INTEGER NOT NULL REFERENCES account (id),
    PRIMARY KEY (workshop_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX workshop_instructor_account ON workshop_instructor (account_id);

-- ---------------------------------------------------------------- orders and money

CREATE TABLE orders (
    id             INTEGER PRIMARY KEY,
    account_id     INTEGER NOT NULL REFERENCES account (id),
    code           TEXT UNIQUE,      -- short, for people: TAL-7K3Q; given at checkout
    status         TEXT NOT NULL DEFAULT 'cart' CHECK (status IN
                   ('cart', 'pending', 'paid', 'review', 'cancelled', 'refunded')),
    review_reason  TEXT CHECK (review_reason IN ('no_seat', 'amount', 'late')),
    method         TEXT,             -- payment provider chosen at checkout
    total_cents    INTEGER NOT NULL DEFAULT 0 CHECK (total_cents >= 0),  -- frozen at checkout
    currency       TEXT NOT NULL DEFAULT 'PEN' CHECK (length(currency) = 3),
    payer_document TEXT,             -- where the school asks for one
    created_at     INTEGER NOT NULL,
    checkout_at    INTEGER,          -- when the cart became an order
    due_at         INTEGER,          -- a pending transfer's deadline
    paid_at        INTEGER,
    CHECK ((status IN ('paid', 'refunded')) <= (paid_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX orders_one_cart ON orders (account_id) WHERE status = 'cart';
CREATE INDEX orders_account ON orders (account_id, id);
CREATE INDEX orders_open ON orders (account_id) WHERE status IN ('cart', 'pending');
CREATE INDEX orders_due ON orders (due_at) WHERE status = 'pending';
CREATE INDEX orders_status ON orders (status, id);
CREATE INDEX orders_paid ON orders (paid_at) WHERE paid_at IS NOT NULL;

CREATE TABLE inscription (           -- one student in one workshop
    id               INTEGER PRIMARY KEY,
    order_id         INTEGER NOT NULL REFERENCES orders (id),
    workshop_id      INTEGER NOT NULL REFERENCES workshop (id),
    student_id       INTEGER NOT NULL REFERENCES student (id),
    list_price_cents INTEGER NOT NULL CHECK (list_price_cents >= 0),
    price_cents      INTEGER NOT NULL CHECK (price_cents BETWEEN 0 AND list_price_cents),
    status           TEXT NOT NULL CHECK (status IN
                     ('held', 'confirmed', 'cancelled', 'refunded', 'expired')),
    hold_until       INTEGER,        -- of a held seat; the transfer's deadline once pending
    extensions       INTEGER NOT NULL DEFAULT 0 CHECK (extensions BETWEEN 0 AND 10),
    created_at       INTEGER NOT NULL DEFAULT 0,
    CHECK ((status = 'held') <= (hold_until IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX inscription_once ON inscription (student_id, workshop_id)
    WHERE status IN ('held', 'confirmed');
CREATE INDEX inscription_order ON inscription (order_id);
CREATE INDEX inscription_workshop ON inscription (workshop_id, status);
CREATE INDEX inscription_student ON inscription (student_id, workshop_id);
CREATE INDEX inscription_holds ON inscription (hold_until) WHERE status = 'held';

-- The seat counter follows every change, whoever makes it. The CHECK on workshop refuses the seat
-- that is not there.
CREATE TRIGGER inscription_seat_insert AFTER INSERT ON inscription
WHEN NEW.status IN ('held', 'confirmed') BEGIN
    UPDATE workshop SET seats_taken = seats_taken + 1 WHERE id = NEW.workshop_id;
END;
CREATE TRIGGER inscription_seat_delete AFTER DELETE ON inscription
WHEN OLD.status IN ('held', 'confirmed') BEGIN
    UPDATE workshop SET seats_taken = seats_taken - 1 WHERE id = OLD.workshop_id;
END;
CREATE TRIGGER inscription_seat_update AFTER UPDATE OF status, workshop_id ON inscription
WHEN (OLD.status IN ('held', 'confirmed')) <> (NEW.status IN ('held', 'confirmed'))
  OR OLD.workshop_id <> NEW.workshop_id BEGIN
    UPDATE workshop SET seats_taken = seats_taken - 1
     WHERE id = OLD.workshop_id AND OLD.status IN ('held', 'confirmed');
    UPDATE workshop SET seats_taken = seats_taken + 1
     WHERE id = NEW.workshop_id AND NEW.status IN ('held', 'confirmed');
END;

CREATE TABLE attendance (            -- who came, day by day
    inscription_id INTEGER NOT NULL REFERENCES inscription (id) ON DELETE CASCADE,
    day            TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'),
    state          TEXT NOT NULL CHECK (state IN ('present', 'absent', 'late')),
    noted_by       INTEGER REFERENCES account (id),
    noted_at       INTEGER NOT NULL,
    PRIMARY KEY (inscription_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE payment (               -- money that moved, or tried to
    id           INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL REFERENCES orders (id),
    provider     TEXT NOT NULL,      -- transfer, card, cash …
    reference    TEXT NOT NULL,      -- the provider's own, or the bank's operation number
    amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
    status       TEXT NOT NULL CHECK (status IN
                 ('pending', 'succeeded', 'declined', 'failed', 'refunded')),
    created_at   INTEGER NOT NULL,
    settled_at   INTEGER             -- when status last changed
) STRICT;  -- money that came is 'succeeded'; money given back is a row of its own, 'refunded'
CREATE UNIQUE INDEX payment_once ON payment (provider, reference) WHERE status = 'succeeded';
CREATE UNIQUE INDEX payment_one_attempt ON payment (order_id) WHERE status = 'pending';
CREATE INDEX payment_order ON payment (order_id);
CREATE INDEX payment_declined ON payment (created_at) WHERE status = 'declined';
CREATE INDEX payment_reference ON payment (reference);  -- an answer or a notification comes in
CREATE UNIQUE INDEX payment_refund_once ON payment (provider, reference) WHERE status = 'refunded';
CREATE INDEX payment_moved           -- money by the day it came or went: shop/cash.h
    ON payment (coalesce(settled_at, created_at), status, amount_cents, settled_at, created_at)
    WHERE status IN ('succeeded', 'refunded');

CREATE TABLE payment_report (        -- an operation number that a family says it paid with
    id          INTEGER PRIMARY KEY,
    order_id    INTEGER NOT NULL REFERENCES orders (id),
    operation   TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    rejected_at INTEGER,             -- staff found no such money; NULL: not (yet)
    reason      TEXT,                -- why, as the family was told
    UNIQUE (order_id, operation)
) STRICT;

CREATE TABLE receipt (               -- numbered without gaps; what was said once stays said
    number         INTEGER PRIMARY KEY,
    order_id       INTEGER NOT NULL UNIQUE REFERENCES orders (id),
    issued_at      INTEGER NOT NULL,
    language       TEXT NOT NULL CHECK (language IN ('en', 'es')),  -- the buyer's, that day
    currency       TEXT NOT NULL,
    total_cents    INTEGER NOT NULL CHECK (total_cents >= 0),
    tax_rate_bp    INTEGER NOT NULL CHECK (tax_rate_bp >= 0),  -- included in the total; 1800 = 18 %
    tax_name       TEXT,             -- IGV, VAT …
    method         TEXT NOT NULL,    -- how it was paid
    references_    TEXT,             -- the payments' references, in words
    buyer_name     TEXT NOT NULL,
    buyer_document TEXT,
    school_name    TEXT NOT NULL,
    school_lines   TEXT              -- legal name, tax number, address: one a line
) STRICT;

CREATE TABLE receipt_line (
    id               INTEGER PRIMARY KEY,
    receipt_number   INTEGER NOT NULL REFERENCES receipt (number),
    student_name     TEXT NOT NULL,
    title            TEXT NOT NULL,
    detail           TEXT,           -- days, hours, start, place, in words
    list_price_cents INTEGER NOT NULL,
    price_cents      INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_line_receipt ON receipt_line (receipt_number);

CREATE TRIGGER receipt_next BEFORE INSERT ON receipt
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM receipt) BEGIN
    SELECT RAISE(ABORT, 'receipts are numbered without gaps');
END;
CREATE TRIGGER receipt_kept BEFORE DELETE ON receipt BEGIN
    SELECT RAISE(ABORT, 'a receipt is never deleted');
END;
-- Only names may change, so that a person can be erased.
CREATE TRIGGER receipt_immutable BEFORE UPDATE OF number, order_id, issued_at, language, currency,
    total_cents, tax_rate_bp, tax_name, method, references_, school_name, school_lines ON receipt BEGIN
    SELECT RAISE(ABORT, 'a receipt is never changed');
END;
CREATE TRIGGER receipt_line_kept BEFORE DELETE ON receipt_line BEGIN
    SELECT RAISE(ABORT, 'a receipt is never changed');
END;
CREATE TRIGGER receipt_line_immutable BEFORE UPDATE OF receipt_number, title, detail,
    list_price_cents, price_cents ON receipt_line BEGIN
    SELECT RAISE(ABORT, 'a receipt is never changed');
END;

CREATE TABLE credit_note (           -- takes back a receipt, or a part of it; numbered without gaps
    number         INTEGER PRIMARY KEY,
    receipt_number INTEGER NOT NULL REFERENCES receipt (number),
    order_id       INTEGER NOT NULL REFERENCES orders (id),
    payment_id     INTEGER REFERENCES payment (id),  -- the money given back; NULL: none was
    issued_at      INTEGER NOT NULL,
    language       TEXT NOT NULL CHECK (language IN ('en', 'es')),
    currency       TEXT NOT NULL,
    total_cents    INTEGER NOT NULL CHECK (total_cents >= 0),
    tax_rate_bp    INTEGER NOT NULL CHECK (tax_rate_bp >= 0),
    tax_name       TEXT,
    method         TEXT NOT NULL,    -- how the money went back
    reference      TEXT,
    reason         TEXT,
    buyer_name     TEXT NOT NULL,
    buyer_document TEXT,
    school_name    TEXT NOT NULL,
    school_lines   TEXT
) STRICT;
CREATE INDEX credit_note_order ON credit_note (order_id);

CREATE TABLE credit_note_line (
    id             INTEGER PRIMARY KEY,
    credit_number  INTEGER NOT NULL REFERENCES credit_note (number),
    inscription_id INTEGER REFERENCES inscription (id),  -- NULL: money beyond the prices
    student_name   TEXT NOT NULL,
    title          TEXT NOT NULL,
    amount_cents   INTEGER NOT NULL CHECK (amount_cents >= 0)
) STRICT;
CREATE INDEX credit_note_line_note ON credit_note_line (credit_number);

CREATE TRIGGER credit_note_next BEFORE INSERT ON credit_note
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM credit_note) BEGIN
    SELECT RAISE(ABORT, 'credit notes are numbered without gaps');
END;
CREATE TRIGGER credit_note_kept BEFORE DELETE ON credit_note BEGIN
    SELECT RAISE(ABORT, 'a credit note is never deleted');
END;
CREATE TRIGGER credit_note_immutable BEFORE UPDATE OF number, receipt_number, order_id, payment_id,
    issued_at, language, currency, total_cents, tax_rate_bp, tax_name, method, reference,
    school_name, school_lines ON credit_note BEGIN
    SELECT RAISE(ABORT, 'a credit note is never changed');
END;
-- A reason may name a person: it goes with them, and never comes.
CREATE TRIGGER credit_note_reason BEFORE UPDATE OF reason ON credit_note
WHEN NEW.reason IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'a credit note is never changed');
END;
CREATE TRIGGER credit_note_line_kept BEFORE DELETE ON credit_note_line BEGIN
    SELECT RAISE(ABORT, 'a credit note is never changed');
END;
CREATE TRIGGER credit_note_line_immutable BEFORE UPDATE OF credit_number, inscription_id, title,
    amount_cents ON credit_note_line BEGIN
    SELECT RAISE(ABORT, 'a credit note is never changed');
END;

-- ---------------------------------------------------------------- mail, trail, figures

CREATE TABLE outbox (                -- mail on its way; written in the transaction it tells about
    id              INTEGER PRIMARY KEY,
    dedupe_key      TEXT UNIQUE,     -- one mail of a kind about one thing, e.g. receipt:41
    recipient       TEXT NOT NULL,
    subject         TEXT NOT NULL,
    body_text       TEXT NOT NULL,
    body_html       TEXT,
    order_id        INTEGER REFERENCES orders (id),
    created_at      INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,         -- NULL: sent, or given up
    sent_at         INTEGER,
    last_error      TEXT
) STRICT;
CREATE INDEX outbox_recipient ON outbox (recipient);
CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_failed ON outbox (created_at) WHERE sent_at IS NULL AND next_attempt_at IS NULL;

CREATE TABLE audit (                 -- who did what; rows are never changed
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor_id  INTEGER REFERENCES account (id),   -- NULL: the system itself
    action    TEXT NOT NULL,
    entity    TEXT NOT NULL,
    entity_id INTEGER,
    detail    TEXT
) STRICT;
CREATE INDEX audit_entity ON audit (entity, entity_id);
CREATE INDEX audit_actor ON audit (actor_id);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_action ON audit (action);
CREATE TRIGGER audit_immutable BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never changed');
END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never changed');
END;

CREATE TABLE audit_value (           -- what a change changed, field by field
    audit_id INTEGER NOT NULL REFERENCES audit (id),
    field    TEXT NOT NULL,
    before   TEXT,
    after    TEXT,
    personal INTEGER NOT NULL CHECK (personal IN (0, 1)),
    redacted INTEGER NOT NULL DEFAULT 0 CHECK (redacted IN (0, 1)),
    PRIMARY KEY (audit_id, field)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_value_kept BEFORE DELETE ON audit_value BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never changed');
END;
-- The one change there is: when a person is erased, what was theirs goes.
CREATE TRIGGER audit_value_redact_only BEFORE UPDATE ON audit_value
WHEN NOT (OLD.personal = 1 AND NEW.redacted = 1 AND NEW.before IS NULL AND NEW.after IS NULL
      AND NEW.audit_id = OLD.audit_id AND NEW.field = OLD.field AND NEW.personal = 1) BEGIN
    SELECT RAISE(ABORT, 'the audit trail is never changed');
END;

CREATE TABLE import_file (           -- a CSV that was uploaded and looked through, not yet taken in
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('workshops', 'families')),
    account_id INTEGER NOT NULL REFERENCES account (id),
    name       TEXT NOT NULL,
    body       BLOB NOT NULL,
    rows       INTEGER NOT NULL DEFAULT 0,  -- read so far, for the progress shown
    created_at INTEGER NOT NULL,
    done_at    INTEGER               -- NULL: a dry run so far; forgotten after a day
) STRICT;

-- What analytics has to look at again, written by triggers whoever makes the change. Which rows of a
-- snapshot are stale follows from it: those of the orders named here. Forgotten when a new snapshot
-- contains them; the last one it contains stays.
CREATE TABLE change_log (
    seq       INTEGER PRIMARY KEY,
    epoch     INTEGER NOT NULL DEFAULT (random()),  -- tells this history from that of an older copy
    entity    TEXT NOT NULL CHECK (entity IN ('order', 'student', 'account', 'workshop', 'topic')),
    entity_id INTEGER NOT NULL,
    paid_at   INTEGER                -- of an order: before the change, if it was paid
) STRICT;
INSERT INTO change_log (entity, entity_id) VALUES ('topic', 0);

CREATE TRIGGER change_order_insert AFTER INSERT ON orders WHEN NEW.status IN ('paid', 'refunded') BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('order', NEW.id);
END;
CREATE TRIGGER change_order_update AFTER UPDATE OF id, status, account_id, paid_at ON orders
WHEN OLD.status IN ('paid', 'refunded') OR NEW.status IN ('paid', 'refunded') BEGIN
    INSERT INTO change_log (entity, entity_id, paid_at)
    VALUES ('order', OLD.id, CASE WHEN OLD.status IN ('paid', 'refunded') THEN OLD.paid_at END);
    INSERT INTO change_log (entity, entity_id) SELECT 'order', NEW.id WHERE NEW.id <> OLD.id;
END;
CREATE TRIGGER change_order_delete AFTER DELETE ON orders WHEN OLD.status IN ('paid', 'refunded') BEGIN
    INSERT INTO change_log (entity, entity_id, paid_at) VALUES ('order', OLD.id, OLD.paid_at);
END;
-- A seat changes before its order is paid: then the order's own change tells.
CREATE TRIGGER change_inscription_insert AFTER INSERT ON inscription
WHEN NEW.status IN ('confirmed', 'refunded') BEGIN
    INSERT INTO change_log (entity, entity_id, paid_at)
    SELECT 'order', id, paid_at FROM orders WHERE id = NEW.order_id AND status IN ('paid', 'refunded');
END;
CREATE TRIGGER change_inscription_update AFTER UPDATE OF order_id, workshop_id, student_id,
    list_price_cents, price_cents, status ON inscription
WHEN OLD.status IN ('confirmed', 'refunded') OR NEW.status IN ('confirmed', 'refunded') BEGIN
    INSERT INTO change_log (entity, entity_id, paid_at)
    SELECT 'order', id, paid_at FROM orders
     WHERE id IN (OLD.order_id, NEW.order_id) AND status IN ('paid', 'refunded');
END;
CREATE TRIGGER change_inscription_delete AFTER DELETE ON inscription
WHEN OLD.status IN ('confirmed', 'refunded') BEGIN
    INSERT INTO change_log (entity, entity_id, paid_at)
    SELECT 'order', id, paid_at FROM orders WHERE id = OLD.order_id AND status IN ('paid', 'refunded');
END;
CREATE TRIGGER change_student AFTER UPDATE OF date_of_birth ON student
WHEN OLD.date_of_birth <> NEW.date_of_birth BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('student', NEW.id);
END;
CREATE TRIGGER change_student_delete AFTER DELETE ON student BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('student', OLD.id);
END;
CREATE TRIGGER change_account_update AFTER UPDATE OF country, role ON account
WHEN OLD.country IS NOT NEW.country OR OLD.role <> NEW.role BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('account', NEW.id);
END;
CREATE TRIGGER change_account_delete AFTER DELETE ON account BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('account', OLD.id);
END;
CREATE TRIGGER change_workshop_insert AFTER INSERT ON workshop BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('workshop', NEW.id);
END;
CREATE TRIGGER change_workshop_update AFTER UPDATE OF topic_id, level, capacity ON workshop
WHEN OLD.topic_id <> NEW.topic_id OR OLD.level IS NOT NEW.level
  OR OLD.capacity IS NOT NEW.capacity BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('workshop', NEW.id);
END;
CREATE TRIGGER change_topic AFTER INSERT ON topic BEGIN
    INSERT INTO change_log (entity, entity_id) VALUES ('topic', NEW.id);
END;

CREATE TABLE analytics_result (      -- reports of a run, as JSON
    id          INTEGER PRIMARY KEY,
    created_at  INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    row_count   INTEGER NOT NULL,
    results     TEXT NOT NULL
) STRICT;

CREATE TRIGGER setting_changed_insert AFTER INSERT ON setting BEGIN
    UPDATE setting_revision SET revision = revision + 1;
END;
CREATE TRIGGER setting_changed_update AFTER UPDATE ON setting BEGIN
    UPDATE setting_revision SET revision = revision + 1;
END;
CREATE TRIGGER setting_changed_delete AFTER DELETE ON setting BEGIN
    UPDATE setting_revision SET revision = revision + 1;
END;
CREATE TRIGGER legal_text_changed AFTER INSERT ON legal_text BEGIN
    UPDATE setting_revision SET revision = revision + 1;
END;
-- A demonstration school is one for ever.
CREATE TRIGGER setting_demo_kept BEFORE DELETE ON setting WHEN OLD.key = 'demo' BEGIN
    SELECT RAISE(ABORT, 'a demonstration school stays one');
END;
CREATE TRIGGER setting_demo_unchanged BEFORE UPDATE ON setting WHEN OLD.key = 'demo' BEGIN
    SELECT RAISE(ABORT, 'a demonstration school stays one');
END;
