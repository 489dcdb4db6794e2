"""A PostgreSQL server on the node, as a managed one is: with a password, over TLS and in no other way."""

import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from judges.case import CannotJudge

from .machine import must, until

# Where the node has its own address, and where everything in its network comes from.
ADDRESS, NETWORK = "10.99.0.1", "10.0.0.0/8"


class PostgreSql:
    def __init__(self, node):
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not programs:
            raise CannotJudge("PostgreSQL is not installed: run .ci/install")
        self.node, self.programs = node, programs[-1].parent
        self.password = secrets.token_hex(16)
        self.url = f"postgresql://notes:{self.password}@{ADDRESS}:5432/postgres?sslmode=require"

    def __enter__(self):
        # Its own place: whoever runs the server must be able to reach every folder above it.
        self.place = Path(tempfile.mkdtemp(prefix="gen-postgresql-"))
        data, word = self.place / "data", self.place / "password"
        word.write_text(self.password)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        files = ("-keyout", self.place / "server.key", "-out", self.place / "server.crt")
        must("openssl", "req", "-x509", *key, "-subj", f"/CN={ADDRESS}", *files)
        for path in (self.place, *self.place.iterdir()):
            shutil.chown(path, "postgres", "postgres")
        self.as_postgres = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        made = ("--auth=scram-sha-256", f"--pwfile={word}", "--no-sync", "--username=notes", f"--pgdata={data}")
        must(*self.as_postgres, self.programs / "initdb", *made, cwd="/")
        (data / "pg_hba.conf").write_text(f"hostssl all all {NETWORK} scram-sha-256\n")
        self.start()
        return self

    def start(self):
        options = ("-k", "", "-c", f"listen_addresses={ADDRESS}", "-c", "ssl=on", "-F")
        files = ("-c", f"ssl_cert_file={self.place}/server.crt", "-c", f"ssl_key_file={self.place}/server.key")
        words = (*self.as_postgres, self.programs / "postgres", "-D", self.place / "data", *options, *files)
        with (self.place / "log").open("a") as log:
            self.process = subprocess.Popen(
                self.node.command(*words), cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until("PostgreSQL answers", 30, self.answers)

    def answers(self):
        if self.process.poll() is not None:
            raise CannotJudge(f"PostgreSQL does not start: {(self.place / 'log').read_text()[-1000:]}")
        asked = self.node.command(self.programs / "pg_isready", "--quiet", f"--host={ADDRESS}")
        return subprocess.run(asked, check=False).returncode == 0

    def stop(self):
        # At once, whoever is connected.
        self.process.send_signal(2)
        self.process.wait(30)

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.place, ignore_errors=True)
