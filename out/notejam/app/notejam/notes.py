"""Notes: listed, read, written, changed, deleted."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import delete, insert, select, update

from . import accounts, database
from .database import notes, pads
from .forms import Form

blueprint = Blueprint("notes", __name__)

PAGE = 20
# The largest number that a row can have; what is beyond it was never given out.
ID = "int(max=9223372036854775807)"


def overview(connection, pad_id=None):
    """One page of notes, newest first, and the numbers of the pages beside it."""
    page = request.args.get("page", 1, type=int)
    page = page if 1 <= page <= 1_000_000 else 1
    wanted = (
        select(notes.c.id, notes.c.title, notes.c.updated_at, pads.c.id.label("pad_id"), pads.c.name)
        .outerjoin(pads, notes.c.pad_id == pads.c.id)
        .where(notes.c.user_id == g.user.id)
        .order_by(notes.c.updated_at.desc(), notes.c.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    if pad_id is not None:
        wanted = wanted.where(notes.c.pad_id == pad_id)
    rows = connection.execute(wanted).all()
    return {
        "notes": rows[:PAGE],
        "newer": page - 1 if page > 1 else None,
        "older": page + 1 if len(rows) > PAGE else None,
    }


def pads_of_user(connection):
    wanted = select(pads.c.id, pads.c.name).where(pads.c.user_id == g.user.id)
    return connection.execute(wanted.order_by(pads.c.name, pads.c.id)).all()


def _own(connection, note_id):
    """A note of the person who asks; those of others do not exist for them."""
    wanted = (
        select(notes, pads.c.name.label("pad_name"))
        .outerjoin(pads, notes.c.pad_id == pads.c.id)
        .where(notes.c.id == note_id, notes.c.user_id == g.user.id)
    )
    return connection.execute(wanted).one_or_none() or abort(404)


def _read(choices):
    form = Form()
    form.text("title", "The title", 200)
    form.text("text", "The text", 50_000, needed=False, strip=False)
    form.choice("pad_id", "The pad", [pad.id for pad in choices])
    return form


@blueprint.get("/")
@accounts.needed
def index():
    with database.transaction() as connection:
        return render_template(
            "notes/list.html", pads=pads_of_user(connection), **overview(connection)
        )


@blueprint.route("/notes/create", methods=["GET", "POST"])
@accounts.needed
def create():
    with database.transaction() as connection:
        choices = pads_of_user(connection)
        if request.method != "POST":
            form = Form({"pad_id": request.args.get("pad", type=int)})
            return render_template("notes/form.html", form=form, pads=choices, note=None)
        form = _read(choices)
        if not form:
            return render_template("notes/form.html", form=form, pads=choices, note=None), 422
        values = {**form.values, "user_id": g.user.id, "updated_at": database.now()}
        made = connection.execute(insert(notes).values(values).returning(notes.c.id))
        number = made.scalar_one()
    flash("The note is kept.")
    return redirect(url_for("notes.view", note_id=number))


@blueprint.get(f"/notes/<{ID}:note_id>")
@accounts.needed
def view(note_id):
    with database.transaction() as connection:
        note = _own(connection, note_id)
        return render_template("notes/view.html", note=note, pads=pads_of_user(connection))


@blueprint.route(f"/notes/<{ID}:note_id>/edit", methods=["GET", "POST"])
@accounts.needed
def edit(note_id):
    with database.transaction() as connection:
        note = _own(connection, note_id)
        choices = pads_of_user(connection)
        if request.method != "POST":
            form = Form({"title": note.title, "text": note.text, "pad_id": note.pad_id})
            return render_template("notes/form.html", form=form, pads=choices, note=note)
        form = _read(choices)
        if not form:
            return render_template("notes/form.html", form=form, pads=choices, note=note), 422
        values = {**form.values, "updated_at": database.now()}
        connection.execute(update(notes).where(notes.c.id == note.id).values(values))
    flash("The note is changed.")
    return redirect(url_for("notes.view", note_id=note_id))


@blueprint.route(f"/notes/<{ID}:note_id>/delete", methods=["GET", "POST"])
@accounts.needed
def remove(note_id):
    with database.transaction() as connection:
        note = _own(connection, note_id)
        if request.method != "POST":
            return render_template("notes/delete.html", note=note, pads=pads_of_user(connection))
        connection.execute(delete(notes).where(notes.c.id == note.id))
    flash("The note is gone.")
    return redirect(url_for("notes.index"))
