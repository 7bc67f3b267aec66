"""The tables. Times are ms UTC, ids 16 bytes, JSON is text; migrations/ brings a database to this schema."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
)

# SQLite assigns row numbers only to a column declared exactly INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# The content of reports; never overwritten. `version` counts later changes, for If-Match.
report = Table(
    "report",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("id", LargeBinary(16), nullable=False, unique=True),
    Column("client_id", Text, unique=True),
    Column("payload_hash", LargeBinary(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("category", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("lang", Text),
    Column("lon", Double),
    Column("lat", Double),
    Column("accuracy_m", Double),
    Column("words", Text, nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("people", Integer),
    Column("fields", Text, nullable=False),
    Column("publish", Boolean, nullable=False),
    Column("may_contact", Boolean, nullable=False),
    Column("consent_version", Text),
    Column("flags", Text, nullable=False),
    Column("need", Text, nullable=False, server_default="information"),
    Column("asked", Boolean),
    Column("heard", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False),
    Column("source", Text),
    # Keyed marks of sender and network, never the number or the address (decision 0012).
    Column("sender", Text),
    Column("network", Text),
)

# The state of a request, only for reports that ask for help or may need it.
request = Table(
    "request",
    metadata,
    Column("report_seq", Number, ForeignKey("report.seq"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("claimed_by", Text),
    Column("claim_until", BigInteger),
    Column("reopened", Integer, nullable=False),
    Column("answered_by", Text),
    Column("answered_at", BigInteger),
    Column("answer_note", Text),
    Column("confirmed_at", BigInteger),
    Column("due_from", BigInteger),
    Column("escalated", Integer, nullable=False, server_default="0"),
    Column("set_priority", Integer),
    Column("set_by", Text),
    Column("set_reason", Text),
    Column("aged", Integer, nullable=False, server_default="0"),
    Column("why", Text, nullable=False, server_default=""),
    Column("joined_to", Number, ForeignKey("report.seq"), index=True),
    Column("asking", Integer, nullable=False, server_default="1"),
    Column("in_doubt", Boolean, nullable=False, server_default=false()),
)

# The verification state of a report; no row: nothing known yet.
standing = Table(
    "standing",
    metadata,
    Column("report_seq", Number, ForeignKey("report.seq"), primary_key=True, autoincrement=False),
    Column("verdict", Text, nullable=False),
    Column("by", Text),
    Column("reason", Text, nullable=False),
    Column("reporters", Integer, nullable=False),
    Column("reconfirmed_at", BigInteger),
    Column("reconfirmed", Integer, nullable=False),
)

# A person's decision on publishing the text of a report; `of` is a fingerprint of the reviewed text.
moderation = Table(
    "moderation",
    metadata,
    Column("report_seq", Number, ForeignKey("report.seq"), primary_key=True, autoincrement=False),
    Column("decision", Text, nullable=False),
    Column("by", Text),
    Column("reason", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("of", LargeBinary(16), nullable=False),
)

# Text that requesters added to their reports.
addition = Table(
    "addition",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("report_seq", Number, ForeignKey("report.seq"), nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)

# Keyed fingerprints of senders, which can only be compared.
sender = Table(
    "sender",
    metadata,
    Column("report_seq", Number, ForeignKey("report.seq"), primary_key=True, autoincrement=False),
    Column("contact", LargeBinary(16), index=True),
    Column("device", LargeBinary(16)),
    Column("network", LargeBinary(16)),
)

# Places that people set afterwards, and proposed; the newest row of a report that counts is its place.
placement = Table(
    "placement",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("report_seq", Number, ForeignKey("report.seq"), nullable=False, index=True),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("accuracy_m", Double),
    Column("source", Text, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False, server_default="0"),
    Column("status", Text, nullable=False, server_default="set"),
)

# Contact details, separate from everything else and encrypted with the deployment's key.
contact = Table(
    "contact",
    metadata,
    Column("report_seq", Number, ForeignKey("report.seq"), primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Re-encoded photos, in the database so that a backup and an erasure include them; only `use` ever changes.
photo = Table(
    "photo",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("report_seq", Number, ForeignKey("report.seq"), nullable=False, index=True),
    Column("use", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("image", LargeBinary, nullable=False),
    Column("thumb", LargeBinary, nullable=False),
)

# Audit log, work queue and change feed; without gaps, each row contains the hash of the previous one.
event = Table(
    "event",
    metadata,
    Column("revision", Number, primary_key=True, autoincrement=False),
    Column("verb", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("report_seq", Number, ForeignKey("report.seq")),
    Column("actor", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_event_report_seq", "report_seq"),
)

# One row: the end of the event log. Updated last in a transaction, so that revisions become visible in order.
log_end = Table(
    "feed",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

# Keyed marks of the client ids of erased reports, so that a phone that sends one again does not restore it.
erased_key = Table("erased_key", metadata, Column("mark", LargeBinary(16), primary_key=True))

layer = Table(
    "layer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("made_up", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
)

layer_version = Table(
    "layer_version",
    metadata,
    Column("layer_id", Text, ForeignKey("layer.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("loaded_at", BigInteger, nullable=False),
    Column("features", LargeBinary, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("repaired", Integer, nullable=False),
    Column("notes", Text, nullable=False),
    Column("as_of", BigInteger),
    Column("feature_count", Integer),
    # Its metadata then; null where an older release stored it.
    Column("role", Text),
    Column("title", Text),
    Column("licence", Text),
    Column("attribution", Text),
    Column("mapping", Text, nullable=False, server_default="{}"),
    Column("originals", Text, nullable=False, server_default="[]"),  # the messages that it was read from, as JSON
)

# Original messages byte by byte, under the SHA-256 of the bytes, while a version or a received warning refers to them.
layer_original = Table(
    "layer_original",
    metadata,
    Column("layer_id", Text, primary_key=True),
    Column("hash", LargeBinary(32), primary_key=True),
    Column("offered", Boolean, nullable=False),  # whether everybody who sees the layer may have it
    Column("body", LargeBinary, nullable=False),
)

# The sources of fetched layers (JSON), and their health.
layer_source = Table(
    "layer_source",
    metadata,
    Column("layer_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("health", Text, nullable=False),
)

# All received warnings, because what is in force depends on all of them; `alert` is their JSON, `original` the hash of
# their bytes.
layer_message = Table(
    "layer_message",
    metadata,
    Column("layer_id", Text, primary_key=True),
    Column("key", LargeBinary(32), primary_key=True),
    Column("sent_at", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("alert", Text, nullable=False),
    Column("original", LargeBinary(32), nullable=False),
)

# The fetch log of a source: an entry when the result differs from the previous entry.
layer_check = Table(
    "layer_check",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("layer_id", Text, nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("org", Text, nullable=False),
    Column("roles", Text, nullable=False),
)

# Tokens, sessions, invitations and recovery codes: a hash of the secret (keyed for a short one), never the secret.
credential = Table(
    "credential",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("verbs", Text),  # a token's scope; NULL: everything that the roles permit
)

# How a person signs in; only for people with a password or an identity provider.
account = Table(
    "account",
    metadata,
    Column("person_id", Text, ForeignKey("person.id"), primary_key=True),
    Column("login", Text, unique=True),
    Column("password", Text),
    Column("second_factor", LargeBinary),  # encrypted
    Column("second_step", BigInteger, nullable=False),  # the last time step whose code was used
    Column("subject", Text, unique=True),  # the identity provider's id of the person
    Column("suspended_at", BigInteger),
)

# Sources whose reports the public does not see singly; stored, listed for staff, and lifted by deleting the row.
quarantine = Table(
    "quarantine",
    metadata,
    Column("source", Text, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)

# Saved views of a person: filters, order and queue as JSON.
saved_view = Table(
    "saved_view",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
)

# Skills and equipment of a person; ids of data/rules/matching.toml.
ability = Table(
    "ability",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("ability", Text, primary_key=True),
)

# Notes from one shift to the next, with the counts of that moment as JSON, and who has read them.
handover = Table(
    "handover",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("summary", Text, nullable=False),
)
handover_read = Table(
    "handover_read",
    metadata,
    Column("handover_id", Number, ForeignKey("handover.id"), primary_key=True, autoincrement=False),
    Column("person_id", Text, primary_key=True),
)

# Urgent requests whose alarm a person has acknowledged.
heard = Table(
    "heard",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("report_seq", Number, ForeignKey("report.seq"), primary_key=True, autoincrement=False),
)

# Facts about the deployment itself, such as that it is a demo.
meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
