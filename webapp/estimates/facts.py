"""Names and values beside the evidence of one case."""

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.estimates.evidence import CaseEvidence
from casework.estimates.models import EstimateRow
from casework.ledgers.codes import words_of
from webapp.formats import decimal, number
from webapp.labels import label

Facts = list[tuple[str, str]]

#: The columns of a ledger that a verifier compares with what was established.
LEDGER: dict[str, LazyString] = {
    "employer": _l("Employer"),
    "employ_type": _l("Kind of work"),
    "employ_form": _l("Form of work"),
    "employ_date": _l("Employed since"),
    "date_evidence": _l("Evidence of the date"),
    "work_region": _l("Place of work"),
    "help_type": _l("Help given"),
    "unemp_reg_date": _l("Registered unemployed since"),
    "hardship_type": _l("Kind of hardship"),
    "mine": _l("Mine or workshop"),
    "job_before": _l("Job before"),
    "channel": _l("Channel of resettlement"),
    "settle_date": _l("Resettled since"),
    "new_unit": _l("New employer"),
    "early_ret_date": _l("Early retirement since"),
    "terminate_date": _l("Contract ended"),
    "compensation": _l("Compensation, yuan"),
    "unsettled_reason": _l("Why not resettled"),
    "waiver": _l("Waived of own will"),
}


def ledger_facts(evidence: CaseEvidence) -> Facts:
    """Return what the ledger claims; nothing that names the person is among it."""
    entry = evidence.case.entry
    facts: Facts = [
        (str(_("Project")), str(label(evidence.case.project))),
        (str(_("Region")), evidence.case.region.name),
    ]
    if entry.enterprise:
        facts.append((str(_("Enterprise")), entry.enterprise))
    if entry.started_on and "employ_date" not in entry.details:
        facts.append((str(_("Since")), entry.started_on.isoformat()))
    details = entry.details
    facts.extend(
        (str(words), words_of(key, str(details[key])))
        for key, words in LEDGER.items()
        if details.get(key)
    )
    if entry.claims_not_settled:
        facts.append((str(_("Claim")), str(_("not resettled, by the ledger's own word"))))
    return facts


def effect_facts(evidence: CaseEvidence, stratum: EstimateRow | None) -> Facts:
    """Return what the case counts for: its stratum, its class and its weight."""
    case = evidence.case
    facts: Facts = [
        (str(_("Stratum")), case.stratum.enterprise or case.region.name),
        (
            str(_("Phone class")),
            str(label(case.phone_class)) if case.phone_class else str(_("not finished")),
        ),
        (
            str(_("Visited as")),
            str(label(evidence.visit.reason)) if evidence.visit else str(_("not chosen")),
        ),
    ]
    if stratum is not None and stratum.sampled:
        weight = stratum.frame_size / stratum.sampled
        facts.append(
            (
                str(_("Weight")),
                str(
                    _(
                        "%(frame)s ÷ %(sampled)s = %(weight)s persons",
                        frame=number(stratum.frame_size),
                        sampled=number(stratum.sampled),
                        weight=decimal(weight, 2),
                    )
                ),
            )
        )
    return facts
