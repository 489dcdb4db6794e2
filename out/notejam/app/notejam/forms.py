"""Reads the fields of a form and says what is wrong with them."""

from flask import request


class Form:
    """What was sent, and for each field that cannot be taken the reason."""

    def __init__(self, values=None):
        self.values = dict(values or {})
        self.errors = {}

    def text(self, name, label, most, *, needed=True, strip=True):
        """A text of at most so many characters."""
        value = request.form.get(name, "").replace("\r\n", "\n")
        if strip:
            value = value.strip()
        self.values[name] = value
        if needed and not value:
            self.errors[name] = f"{label} is needed."
        elif len(value) > most:
            self.errors[name] = f"{label} may have {most} characters at most."
        elif "\0" in value:
            self.errors[name] = f"{label} has a character that cannot be stored."
        return value

    def choice(self, name, label, allowed):
        """One of some numbers, or nothing."""
        value = request.form.get(name, "")
        self.values[name] = None
        if not value:
            return None
        for each in allowed:
            if value == str(each):
                self.values[name] = each
                return each
        self.errors[name] = f"{label} is none of yours."
        return None

    def reject(self, name, reason):
        self.errors[name] = reason

    def __bool__(self):
        """Whether everything can be taken."""
        return not self.errors
