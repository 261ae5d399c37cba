"""Typical mistakes in the tasks of chapter 13, and the words with which the checks reject them."""

TAKE = """
index = self.last_applied
snapshot = Snapshot(index, self.term_at(index), self.machine)
self.log = self.entries_after(index)
self.snapshot = snapshot
out.save()
"""

INSTALL = """
index = snapshot.last_index
if index <= self.commit_index:
    return
belongs = self.term_at(index) == snapshot.last_term
self.log = self.entries_after(index) if belongs else ()
self.snapshot = snapshot
self.machine = snapshot.machine
self.commit_index = index
self.last_applied = index
out.save()
"""

RESTORE = """
self.machine = self.snapshot.machine
self.commit_index = self.snapshot.last_index
self.last_applied = self.snapshot.last_index
"""


def but(right: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in right
    return right.replace(old, new)


def without(right: str, line: str) -> str:
    """The right answer with one line left out."""
    kept = [each for each in right.splitlines() if each.strip() != line]
    assert len(kept) < len(right.splitlines())
    return "\n".join(kept)


WRONG_ANSWERS = {
    "13.1": {
        "covers what is not applied": (
            "So its snapshot ends with index 3, but S1's ends with 5",
            but(TAKE, "self.last_applied", "self.last_log_index"),
        ),
        "takes the current term for that of the entry": (
            "The entry at index 3 has term 2, but S1's snapshot says 3",
            but(TAKE, "self.term_at(index)", "self.current_term"),
        ),
        "does not know the term": (
            "the consistency check of the next entry asks for it",
            but(TAKE, "self.term_at(index)", "0"),
        ),
        "leaves the log as it is": (
            "So its log holds entries 4 to 5, but S1's has 5 entries where 2 belong",
            without(TAKE, "self.log = self.entries_after(index)"),
        ),
        "throws the whole log away": (
            "S1's has 0 entries where 2 belong",
            but(TAKE, "self.entries_after(index)", "()"),
        ),
        "cuts by place, and not by index": (
            "entries where 1 belong",
            but(TAKE, "self.entries_after(index)", "self.log[index:]"),
        ),
        "replaces the snapshot before it cuts the log": (
            "S1's has 5 entries where 2 belong",
            without(TAKE, "self.snapshot = snapshot").replace(
                "self.log =", "self.snapshot = snapshot\nself.log ="
            ),
        ),
        "does not save": ("are not on disk: a crash takes them back", without(TAKE, "out.save()")),
        "takes a snapshot of nothing": (
            "Its machine is not what the first 3 commands lead to",
            but(TAKE, "self.machine", "self.snapshot.machine"),
        ),
    },
    "13.2": {
        "takes over an old one": (
            "This snapshot is old: S1 has applied up to index 5 already",
            but(INSTALL, "if index <= self.commit_index:", "if False:"),
        ),
        "compares with its snapshot only": (
            "This snapshot is old: S1 has applied up to index 5 already",
            but(INSTALL, "self.commit_index:", "self.snapshot.last_index:"),
        ),
        "keeps what follows in any case": (
            "so what follows it is a wrong tail",
            but(INSTALL, " if belongs else ()", ""),
        ),
        "throws the log away in any case": (
            "and two more, which it may have acknowledged",
            but(INSTALL, "self.entries_after(index) if belongs else ()", "()"),
        ),
        "keeps the log if it is long enough": (
            "so what follows it is a wrong tail",
            but(
                INSTALL,
                "self.term_at(index) == snapshot.last_term",
                "self.last_log_index >= index",
            ),
        ),
        "keeps the whole log": (
            "entries where 2 belong",
            but(INSTALL, "self.entries_after(index) if belongs", "self.log if belongs"),
        ),
        "leaves the machine as it was": (
            "The state machine is to be what the first 4 commands lead to",
            without(INSTALL, "self.machine = snapshot.machine"),
        ),
        "does not know what it has applied": (
            "last_applied is 0, but what is applied",
            without(INSTALL, "self.last_applied = index"),
        ),
        "does not save": ("are not on disk", without(INSTALL, "out.save()")),
    },
    "13.3": {
        "begins at index 0": (
            "last_applied is 0, but what is applied",
            without(RESTORE, "self.last_applied = self.snapshot.last_index"),
        ),
        "counts the whole log as applied": (
            "last_applied is 5, but what is applied",
            but(
                RESTORE,
                "self.last_applied = self.snapshot.last_index",
                "self.last_applied = self.last_log_index",
            ),
        ),
        "leaves the machine empty": (
            "The state machine is to be what the first 3 commands lead to, but it holds {}",
            without(RESTORE, "self.machine = self.snapshot.machine"),
        ),
        "does not know what is committed": (
            "commit_index is 0, but what is applied",
            without(RESTORE, "self.commit_index = self.snapshot.last_index"),
        ),
        "throws away what is not known to be committed": (
            "So its log holds entries 4 to 5, but S1's has 0 entries where 2 belong",
            RESTORE + "self.log = ()\n",
        ),
    },
}
