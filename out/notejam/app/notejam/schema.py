"""Creates the tables and brings them up to date: `python -m notejam.schema`.

A step of its own, run before the server starts and never by the server. Several may run at once:
the first does the work, the others wait for it and find nothing to do.
"""

import logging
import os
import sys
import time

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from . import database

log = logging.getLogger(__name__)

# Any number, the same for all who run this against one database.
LOCK = 7_305_001
PATIENCE_SECONDS = 60

# One list of statements for each version, in order. What was released is never changed: a change
# is another version at the end, and one that the previous release can still work with, because
# both run side by side during a rollout.
VERSIONS = [
    [
        """CREATE TABLE users (
            id {id},
            email TEXT NOT NULL UNIQUE,
            password TEXT NOT NULL,
            created_at TIMESTAMP NOT NULL
        )""",
        """CREATE TABLE pads (
            id {id},
            user_id BIGINT NOT NULL REFERENCES users (id),
            name TEXT NOT NULL
        )""",
        """CREATE TABLE notes (
            id {id},
            user_id BIGINT NOT NULL REFERENCES users (id),
            pad_id BIGINT REFERENCES pads (id),
            title TEXT NOT NULL,
            text TEXT NOT NULL,
            updated_at TIMESTAMP NOT NULL
        )""",
        "CREATE INDEX pads_of_user ON pads (user_id, name)",
        "CREATE INDEX notes_of_user ON notes (user_id, updated_at)",
        "CREATE INDEX notes_of_pad ON notes (pad_id)",
    ],
]
IDS = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}


def version(connection):
    """The version that the database has; fails where there is none."""
    return connection.execute(text("SELECT max(version) FROM schema_version")).scalar() or 0


def migrate(engine):
    """Brings the database to the newest version; gives how many steps that took."""
    with engine.connect() as connection:
        kind = engine.dialect.name
        if kind == "sqlite":
            # pysqlite would begin on its own, and too late: DDL is to be in the transaction.
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("BEGIN IMMEDIATE"))
        else:
            connection.begin()
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        try:
            steps = _apply(connection, IDS[kind])
        except BaseException:
            _end(connection, kind, "ROLLBACK")
            raise
        _end(connection, kind, "COMMIT")
        return steps


def _end(connection, kind, how):
    if kind == "sqlite":
        connection.execute(text(how))
    elif how == "COMMIT":
        connection.commit()
    else:
        connection.rollback()


def _apply(connection, identity):
    connection.execute(
        text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)")
    )
    present = version(connection)
    for number, statements in enumerate(VERSIONS[present:], start=present + 1):
        for statement in statements:
            connection.execute(text(statement.format(id=identity)))
        connection.execute(
            text("INSERT INTO schema_version (version) VALUES (:version)"), {"version": number}
        )
    return max(len(VERSIONS) - present, 0)


def main():
    """Waits for the database, within reason, and migrates it."""
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO").upper(), stream=sys.stdout)
    address = os.environ.get("DATABASE_URL")
    if not address:
        sys.exit("DATABASE_URL is not set")
    engine = database.connect(address)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            steps = migrate(engine)
            break
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise
            # Without the address: it holds a password.
            log.warning("the database does not answer yet: %s", type(error.orig).__name__)
            time.sleep(1)
    engine.dispose()
    log.info("schema is at version %d, %d step(s) taken", len(VERSIONS), steps)


if __name__ == "__main__":
    main()
