"""What the command line of AWS says of commands, up to the point where it would ask AWS."""

import shlex

from .case import CACHE, CannotJudge, remembered, tail

PROGRAM = CACHE / "venv" / "aws" / "bin" / "aws"
# What only the second version has, which is in no Python package.
NEWER = (("login",), ("logs", "tail"))
# A port of this machine that nobody listens on: what is well formed gets as far as this.
NOWHERE = "http://127.0.0.1:9"
# What a person puts in, where its form matters.
FILLED = {"TIME": "2026-01-31T04:00:00Z"}


def parsed(case, path, words):
    """Its own parser reads the words and the values of the options, and holds them against the definition of the API."""
    if any(tuple(words[: len(name)]) == name for name in NEWER):
        return
    case.saw()
    filled = [FILLED.get(word, word) for word in words]
    remembered(case, "aws", " ".join(filled), lambda: understood(case, path, filled))


def understood(case, path, words):
    if not PROGRAM.exists():
        raise CannotJudge("the command line of AWS is not installed: run .ci/install")
    environment = {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": str(case.scratch / "none"),
    }
    done = case.run(PROGRAM, *words, "--endpoint-url", NOWHERE, env=environment, timeout=120)
    if "Could not connect to the endpoint URL" not in done.stderr:
        case.report(path, 0, f"`aws {shlex.join(words)}`: {tail(done, 2)}")
