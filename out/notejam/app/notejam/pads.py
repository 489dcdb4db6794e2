"""Pads: named heaps of notes."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import delete, func, insert, select, update

from . import accounts, database
from .database import notes, pads
from .forms import Form
from .notes import ID, overview, pads_of_user

blueprint = Blueprint("pads", __name__, url_prefix="/pads")


def _own(connection, pad_id):
    """A pad of the person who asks; those of others do not exist for them."""
    wanted = select(pads).where(pads.c.id == pad_id, pads.c.user_id == g.user.id)
    return connection.execute(wanted).one_or_none() or abort(404)


@blueprint.route("/create", methods=["GET", "POST"])
@accounts.needed
def create():
    form = Form()
    with database.transaction() as connection:
        if request.method == "POST":
            form.text("name", "The name", 100)
            if form:
                values = {**form.values, "user_id": g.user.id}
                made = connection.execute(insert(pads).values(values).returning(pads.c.id))
                flash("The pad is made.")
                return redirect(url_for("pads.view", pad_id=made.scalar_one()))
        page = render_template("pads/form.html", form=form, pad=None, pads=pads_of_user(connection))
        return page, 422 if form.errors else 200


@blueprint.get(f"/<{ID}:pad_id>")
@accounts.needed
def view(pad_id):
    with database.transaction() as connection:
        pad = _own(connection, pad_id)
        return render_template(
            "pads/view.html",
            pad=pad,
            pads=pads_of_user(connection),
            **overview(connection, pad.id),
        )


@blueprint.route(f"/<{ID}:pad_id>/edit", methods=["GET", "POST"])
@accounts.needed
def edit(pad_id):
    with database.transaction() as connection:
        pad = _own(connection, pad_id)
        form = Form({"name": pad.name})
        if request.method == "POST":
            form.text("name", "The name", 100)
            if form:
                connection.execute(update(pads).where(pads.c.id == pad.id).values(form.values))
                flash("The pad is renamed.")
                return redirect(url_for("pads.view", pad_id=pad.id))
        page = render_template("pads/form.html", form=form, pad=pad, pads=pads_of_user(connection))
        return page, 422 if form.errors else 200


@blueprint.route(f"/<{ID}:pad_id>/delete", methods=["GET", "POST"])
@accounts.needed
def remove(pad_id):
    """Deletes a pad with the notes in it; the page that asks says how many they are."""
    with database.transaction() as connection:
        pad = _own(connection, pad_id)
        inside = notes.c.pad_id == pad.id
        if request.method != "POST":
            number = connection.execute(select(func.count()).where(inside)).scalar_one()
            return render_template(
                "pads/delete.html", pad=pad, number=number, pads=pads_of_user(connection)
            )
        connection.execute(delete(notes).where(inside))
        connection.execute(delete(pads).where(pads.c.id == pad.id))
    flash("The pad and its notes are gone.")
    return redirect(url_for("notes.index"))
