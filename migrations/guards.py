"""Triggers by which the database itself refuses to change what may never change.

Migrations call these by table name; a guard once released keeps its meaning.
"""

from alembic import op

APPEND_ONLY = (
    "audit_event",
    "case_event",
    "draw",
    "estimate_row",
    "finding",
    "ledger_removal",
    "photo",
    "roll_up",
    "sample_entry",
)
#: Tables that lose no row, each with the state in which a row does not change any more ("": none).
KEPT = {
    "appointment": "OLD.kept_at IS NOT NULL",
    "attempt": "(OLD.disposition <> '' OR OLD.interrupted)",
    "case": "",
    "estimate_run": "OLD.state = 'done'",
    "lead": "",
    "replicate": "OLD.released_at IS NOT NULL",
    "visit": "",
    "visit_rate": "NEW.share < OLD.share",
}


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def refuse(table: str, verb: str, *, when: str = "", message: str) -> None:
    """Make *table* refuse *verb* (INSERT, UPDATE or DELETE) of rows for which *when* holds.

    *when* is a condition over OLD and NEW that both engines understand.
    """
    name = f"guard_{table}_{verb.lower()}"
    if not _postgresql():
        condition = f"WHEN {when} " if when else ""
        op.execute(
            f'CREATE TRIGGER {name} BEFORE {verb} ON "{table}" FOR EACH ROW {condition}'
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    row = "OLD" if verb == "DELETE" else "NEW"
    # As SQLite's RAISE(ABORT) does, so that callers catch one error on both engines.
    body = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"
    if when:
        body = f"IF {when} THEN {body} END IF; RETURN {row};"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    )
    op.execute(
        f'CREATE TRIGGER {name} BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()'
    )


def drop(table: str, verb: str) -> None:
    """Take a guard away, for a downgrade."""
    name = f"guard_{table}_{verb.lower()}"
    if _postgresql():
        op.execute(f'DROP TRIGGER IF EXISTS {name} ON "{table}"')
        op.execute(f"DROP FUNCTION IF EXISTS {name}()")
    else:
        op.execute(f"DROP TRIGGER IF EXISTS {name}")


def append_only(table: str) -> None:
    """Allow rows to be added to *table*, never changed or removed."""
    for verb in ("UPDATE", "DELETE"):
        refuse(table, verb, message=f"{table} is append-only")


def keep_work() -> None:
    """Let no row of the work be removed, and none be changed once it is finished."""
    for table, finished in KEPT.items():
        refuse(table, "DELETE", message=f"rows of {table} are kept")
        if finished:
            refuse(table, "UPDATE", when=finished, message=f"this row of {table} is finished")


def release_work() -> None:
    """Take away what ``keep_work`` set up."""
    for table in KEPT:
        drop(table, "UPDATE")
        drop(table, "DELETE")


def seal_frames() -> None:
    """Make a sealed frame, its rows and the entries it holds unchangeable."""
    append_only("frame_entry")
    refuse(
        "frame_entry",
        "INSERT",
        when="(SELECT sealed FROM frame WHERE id = NEW.frame_id)",
        message="the frame is sealed",
    )
    refuse("frame", "UPDATE", when="OLD.sealed", message="the frame is sealed")
    refuse("frame", "DELETE", when="OLD.sealed", message="the frame is sealed")
    in_frame = "EXISTS (SELECT 1 FROM frame_entry WHERE entry_uid = OLD.uid)"
    refuse("ledger_entry", "UPDATE", when=in_frame, message="the entry is in a sealed frame")
    refuse("ledger_entry", "DELETE", when=in_frame, message="the entry is in a sealed frame")


def unseal_frames() -> None:
    """Take away what ``seal_frames`` set up."""
    for verb in ("INSERT", "UPDATE", "DELETE"):
        drop("frame_entry", verb)
    for table in ("frame", "ledger_entry"):
        drop(table, "UPDATE")
        drop(table, "DELETE")


def keep_promises() -> None:
    """Fix what a draw rests on: the named value once it is known, a commitment, its secret."""
    for table, unchanged, finished in (
        ("public_value", ("campaign_id", "name", "known_on"), "OLD.value <> ''"),
        (
            "draw_secret",
            ("campaign_id", "party", "holder_id", "commitment"),
            "OLD.revealed_at IS NOT NULL",
        ),
    ):
        changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in unchanged)
        refuse(table, "DELETE", message=f"rows of {table} are kept")
        refuse(table, "UPDATE", when=f"{finished} OR {changed}", message=f"{table} is promised")


def release_promises() -> None:
    """Take away what ``keep_promises`` set up."""
    for table in ("public_value", "draw_secret"):
        drop(table, "UPDATE")
        drop(table, "DELETE")
