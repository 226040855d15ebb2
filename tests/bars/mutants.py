"""Known-bad variants of the product, which a bar must catch: each takes one guard away.

An edit names a module, a text that stands in it exactly once, and what stands there instead. It is
made on the text of the module while a web process of the bar loads it, never on the disk.
"""

import importlib.util
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


class EditDoesNotFit(Exception):
    """The text to be replaced does not stand in the module exactly once."""


@dataclass(frozen=True, slots=True)
class Edit:
    module: str
    text: str
    instead: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is wrong with it, and how it is made."""

    defect: str
    edits: tuple[Edit, ...] = ()
    database: str = ""  #: settings of PostgreSQL

    def sources(self) -> dict[str, str]:
        """Return the text of each edited module. Raises EditDoesNotFit."""
        sources: dict[str, str] = {}
        for edit in self.edits:
            source = sources.get(edit.module) or _path(edit.module).read_text(encoding="utf-8")
            if source.count(edit.text) != 1:
                raise EditDoesNotFit(f"{edit.module}: {source.count(edit.text)} times {edit.text}")
            sources[edit.module] = source.replace(edit.text, edit.instead)
        return sources


MUTANTS = {
    "no-row-lock": Mutant(
        "claims read the first due case without locking it, and no version is compared",
        (
            Edit(
                "casework.cases.models",
                '    __mapper_args__ = {"version_id_col": version}\n',
                "",
            ),
            Edit(
                "casework.calls.taking",
                "        .limit(_ONE)\n        .with_for_update(skip_locked=True)\n",
                "        .limit(_ONE)\n",
            ),
            Edit(
                "casework.calls.taking",
                "CaseSchedule.case_id == first, _DUE)",
                "CaseSchedule.case_id == first)",
            ),
        ),
    ),
    "no-fence-check": Mutant(
        "whoever names a held case may close its call",
        (
            Edit(
                "casework.calls.holding",
                "case.holder_id == actor.id and case.fence == fence",
                "case.holder_id is not None",
            ),
        ),
    ),
    "key-ignored": Mutant(
        "the idempotency key of a report is kept and never looked up",
        (
            Edit(
                "casework.calls.reports",
                "earlier = recorded_before(case, calls.keyed, report, actor)",
                "earlier = None",
            ),
        ),
    ),
    "commit-not-durable": Mutant(
        "an outcome is acknowledged before it is on the disk", database="synchronous_commit = off"
    ),
}


def break_product(mutant: Mutant) -> None:
    """Load the modules of *mutant* into this process as they are after its edits."""
    for name, source in mutant.sources().items():
        spec = importlib.util.find_spec(name)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        exec(compile(source, str(_path(name)), "exec"), module.__dict__)  # noqa: S102
        package, _, own_name = name.rpartition(".")
        setattr(import_module(package), own_name, module)


def _path(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)
