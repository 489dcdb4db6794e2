"""The endpoints that Kubernetes probes.

/livez says that the process can answer at all and looks at nothing else: a failing
liveness probe restarts the container, which repairs no database. /readyz says whether
requests may be sent here now: whether the database answers and has the tables that this
release works with.
"""

import logging

from flask import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from . import database, schema

blueprint = Blueprint("health", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/livez")
def livez():
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz():
    try:
        with database.engine().connect() as connection:
            present = schema.version(connection)
    except SQLAlchemyError as error:
        # The reason goes to the log only, and without the address: this answer may be public.
        log.error("the database does not answer", extra={"error": type(error).__name__})
        return {"status": "unavailable", "failed": ["database"]}, 503
    if present < len(schema.VERSIONS):
        log.error("the schema is too old", extra={"present": present})
        return {"status": "unavailable", "failed": ["schema"]}, 503
    return {"status": "ok"}
