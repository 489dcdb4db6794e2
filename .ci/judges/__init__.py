"""The judges, in the order in which they report."""
