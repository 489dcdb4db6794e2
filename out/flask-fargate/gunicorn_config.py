"""How gunicorn serves the application: `python -m gunicorn --config gunicorn_config.py`."""

import json
import logging
import os
import shutil
from datetime import UTC, datetime

# All interfaces: on the loopback nothing outside the container would get an answer.
bind = "0.0.0.0:5000"

# Threads, so that one slow request does not keep a probe waiting.
worker_class = "gthread"
# Never from the number of CPUs: in a container that is the node's, not the limit's.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 4

timeout = 30
# What a worker may still take to finish its requests after SIGTERM. The pod's
# terminationGracePeriodSeconds has to be longer.
graceful_timeout = 30
# Longer than the idle timeout of the proxy in front, or it reuses a closed connection.
keepalive = 75

# A slow leak never becomes an outage; the jitter keeps workers from restarting together.
max_requests = 1000
max_requests_jitter = 100

# The root file system is read-only: heartbeats go to memory, and there is no control socket.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True

# `forwarded_allow_ips` stays at its default, the loopback: whom it names may also set SCRIPT_NAME
# and PATH_INFO by header. How many proxies to believe is the application's affair.

# Metrics, where somebody collects them (the chart then sets METRICS_PORT): on a port of their own,
# the sums of all workers, each of which counts in files in a folder that starts empty.
metrics_port = int(os.environ.get("METRICS_PORT") or 0)
metrics_folder = os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", "/tmp/metrics") if metrics_port else None


def on_starting(server):
    if metrics_port:
        shutil.rmtree(metrics_folder, ignore_errors=True)
        os.makedirs(metrics_folder)


def when_ready(server):
    if metrics_port:
        from prometheus_client import CollectorRegistry, multiprocess, start_http_server

        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        start_http_server(metrics_port, registry=registry)


def pre_fork(server, worker):
    # A worker's files carry the number of its place, not its process: a successor counts on in
    # them, and thousands of recycled workers leave no thousands of files behind.
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in range(len(taken) + 1) if place not in taken)


def post_fork(server, worker):
    if metrics_port:
        from prometheus_client import values

        values.ValueClass = values.MultiProcessValue(lambda: worker.place)


PROBES = frozenset(
    {
        "/livez",
        "/readyz",
    }
)
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes one JSON object a line, with what `extra=` gave to the record."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
        }
        if record.name == "gunicorn.access":
            line.update(self.request(record.args))
        else:
            line["message"] = record.getMessage()
        line.update((key, value) for key, value in vars(record).items() if key not in STANDARD)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)

    @staticmethod
    def request(atoms):
        return {
            "method": atoms["m"],
            "path": atoms["U"],
            "query": atoms["q"],
            "status": int(atoms["s"]),
            "bytes": atoms["B"],
            "milliseconds": atoms["M"],
            "client": atoms["h"],
            "forwarded_for": atoms["{x-forwarded-for}i"],
            "user_agent": atoms["a"],
        }


class SkipAnsweredProbes(logging.Filter):
    """Drops probes that were answered well: several a second, and they say nothing."""

    def filter(self, record):
        return record.args["U"] not in PROBES or not str(record.args["s"]).startswith("2")


logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonFormatter}},
    "filters": {"probes": {"()": SkipAnsweredProbes}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stdout",
        },
    },
    "root": {"level": os.environ.get("LOG_LEVEL", "INFO").upper(), "handlers": ["stdout"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stdout"], "propagate": False},
        "gunicorn.access": {
            "level": "INFO",
            "handlers": ["stdout"],
            "filters": ["probes"],
            "propagate": False,
        },
    },
}
