"""The connection to the database: SQLite for one replica, PostgreSQL for any number."""

from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url

# SQLite numbers rows by itself only in a column of exactly this type.
Id = BigInteger().with_variant(Integer, "sqlite")

# What queries are written against. What creates it is in schema.py.
tables = MetaData()
users = Table(
    "users",
    tables,
    Column("id", Id, primary_key=True),
    Column("email", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
pads = Table(
    "pads",
    tables,
    Column("id", Id, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
)
notes = Table(
    "notes",
    tables,
    Column("id", Id, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("pad_id", ForeignKey("pads.id")),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", DateTime, nullable=False),
)


def connect(address):
    """An engine for a database's address, with the settings that each kind needs."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 15})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    # As many connections as a worker has threads, give or take: each replica has several workers,
    # and a server allows about a hundred in all. A connection that died is replaced unnoticed.
    return create_engine(
        url,
        pool_size=4,
        max_overflow=1,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
    )


def _prepare_sqlite(connection, _record):
    # Readers do not wait for the writer, and a power cut loses nothing that was answered for.
    for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def install(app):
    """Gives the application its engine; nothing is connected yet, and nothing created."""
    app.extensions["database"] = connect(app.config["DATABASE_URL"])


def engine():
    """The engine of the application that answers this request."""
    return current_app.extensions["database"]


def transaction():
    """A connection whose changes are kept together, or not at all."""
    return engine().begin()


def now():
    """The time in UTC, as the tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)
