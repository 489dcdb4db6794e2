"""The functions alone: no server, no request."""

import pytest

from athlete import ONLY_GET, favorite, refusal


def test_the_answer_has_one_key():
    assert favorite({}) == {"favorite_athlete": "Eliud Kipchoge"}


def test_the_environment_names_the_athlete():
    assert favorite({"FAVORITE_ATHLETE": "Simone Biles"}) == {"favorite_athlete": "Simone Biles"}


def test_an_empty_name_is_no_name():
    assert favorite({"FAVORITE_ATHLETE": ""}) == favorite({})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_asking_is_allowed(method):
    assert refusal(method) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""])
def test_nothing_else_is(method):
    assert refusal(method) == ONLY_GET == "Only GET method valid"
