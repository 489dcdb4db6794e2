def test_a_note_is_written_read_changed_and_deleted(ann):
    place = ann.note(title="Milk", text="two bottles\nof it")
    page = ann.get(place).get_data(as_text=True)
    assert "Milk" in page and "two bottles\nof it" in page
    assert "Milk" in ann.get("/").get_data(as_text=True)

    answer = ann.send(f"{place}/edit", title="Bread", text="one")
    assert answer.location == place
    page = ann.get(place).get_data(as_text=True)
    assert "Bread" in page and "Milk" not in page

    assert "Bread" in ann.get(f"{place}/delete").get_data(as_text=True)
    assert ann.send(f"{place}/delete").location == "/"
    assert ann.get(place).status_code == 404


def test_notes_lie_in_pads_and_go_with_them(ann):
    pad = ann.pad("Shopping")
    number = pad.rsplit("/", 1)[1]
    note = ann.note(title="Milk", text="", pad_id=number)
    loose = ann.note(title="Call home", text="")
    page = ann.get(pad).get_data(as_text=True)
    assert "Milk" in page and "Call home" not in page

    assert ann.send(f"{pad}/edit", name="Errands").location == pad
    assert "Errands" in ann.get("/").get_data(as_text=True)

    assert "the one note" in ann.get(f"{pad}/delete").get_data(as_text=True)
    ann.send(f"{pad}/delete")
    assert ann.get(pad).status_code == 404
    assert ann.get(note).status_code == 404
    assert ann.get(loose).status_code == 200


def test_what_is_somebody_elses_does_not_exist(ann, bob):
    pad = ann.pad("Private")
    note = ann.note(title="Secret", text="", pad_id=pad.rsplit("/", 1)[1])
    for place in (note, f"{note}/edit", f"{note}/delete", pad, f"{pad}/edit", f"{pad}/delete"):
        assert bob.get(place).status_code == 404, place
    for place in (f"{note}/edit", f"{note}/delete", f"{pad}/edit", f"{pad}/delete"):
        answer = bob.send(place, page="/", title="mine", text="", name="mine")
        assert answer.status_code == 404, place
    answer = bob.send("/notes/create", title="x", text="", pad_id=pad.rsplit("/", 1)[1])
    assert answer.status_code == 422
    assert "Secret" not in bob.get("/").get_data(as_text=True)
    assert ann.get(note).status_code == 200


def test_a_bad_note_comes_back_with_what_was_written(ann):
    answer = ann.send("/notes/create", title=" ", text="kept <b>as</b> it was")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "The title is needed" in page
    assert "kept &lt;b&gt;as&lt;/b&gt; it was" in page
    assert ann.send("/notes/create", title="t" * 201, text="").status_code == 422
    assert ann.send("/notes/create", title="t", text="x" * 50_001).status_code == 422
    assert ann.send("/notes/create", title="a\0b", text="").status_code == 422
    assert ann.send("/pads/create", name="").status_code == 422


def test_what_is_written_is_never_html(ann):
    pad = ann.pad("<i>pad</i>")
    note = ann.note(title="<script>x</script>", text="</div><script>", pad_id=pad.rsplit("/", 1)[1])
    for place in ("/", note, f"{note}/edit", f"{note}/delete", pad):
        page = ann.get(place).get_data(as_text=True)
        assert "<script>" not in page and "<i>pad" not in page


def test_long_lists_come_in_pages(ann):
    for number in range(21):
        ann.note(title=f"note {number:02}", text="")
    first = ann.get("/").get_data(as_text=True)
    assert "note 20" in first and "note 00" not in first and "?page=2" in first
    second = ann.get("/?page=2").get_data(as_text=True)
    assert "note 00" in second and "?page=1" in second
    for page in ("0", "-1", "x", "99999999999999999999", "1000001"):
        assert ann.get(f"/?page={page}").status_code == 200


def test_numbers_that_no_database_holds_are_not_found(ann):
    for place in ("/notes/9223372036854775808", "/pads/99999999999999999999", "/notes/0"):
        assert ann.get(place).status_code == 404
