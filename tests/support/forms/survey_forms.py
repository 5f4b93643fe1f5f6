"""Filling in a survey as a browser would, and every place where one can be filled in."""

from surveys.registry import default_instrument, shipped_programs
from tests.support.forms.pages import Page

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def send(door, path, **answers):
    """Open a page, fill it in and send it, as a browser would."""
    return door.post(path, data={**Page(door.get(path).text).filled, **answers})


def submission_key(door, path):
    """The number of a page that the door just gave out for this address."""
    deployment = door.app.state.deployment
    return deployment.submission_keys.new(path.split("/")[2], deployment.settings.period)


def everywhere():
    """Every program, audience and instrument that a link can join."""
    for program in shipped_programs().programs:
        for audience in program.audiences:
            yield program, audience, default_instrument(program, audience)
