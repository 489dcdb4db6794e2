"""Asks one address over and over until it is told to end (SIGTERM), and prints what it was answered as JSON.

    load.py WORKERS URL [PAUSE]

PAUSE is the seconds that each worker waits after an answer. Every other worker opens a connection for each request, as a new
client does; the others keep theirs.
"""

import http.client
import json
import signal
import sys
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

going = True
answers = Counter()
lock = threading.Lock()


def ask(url, keep, pause):
    connection = None
    while going:
        try:
            if connection is None:
                connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=10)
            connection.request("GET", url.path or "/")
            response = connection.getresponse()
            response.read()
            answer = str(response.status)
            closed = response.will_close
        except (OSError, http.client.HTTPException) as error:
            # A server may end an idle connection at any time; a client then asks again on a new one.
            stale = keep and connection is not None and getattr(connection, "used", False)
            retry = stale and isinstance(error, (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError))
            connection.close()
            connection = None
            if retry:
                continue
            answer, closed = f"{type(error).__name__}: {error}", True
        with lock:
            answers[answer] += 1
        if connection is not None:
            connection.used = True
            if closed or not keep:
                connection.close()
                connection = None
        time.sleep(pause)


def main():
    global going
    url, pause = urlsplit(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 0.002
    workers = [threading.Thread(target=ask, args=(url, number % 2 == 0, pause)) for number in range(int(sys.argv[1]))]
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    for worker in workers:
        worker.start()
    ended.wait()
    going = False
    for worker in workers:
        worker.join()
    print(json.dumps(answers))


main()
