"""Entry point: a WSGI server imports `app` from here (`run:app`).

`python run.py` starts Flask's own server on the loopback, for development only.
"""

import os

import metrics
from hello import create_app

app = create_app()
metrics.install(app)

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")))
