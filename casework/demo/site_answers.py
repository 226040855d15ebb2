"""What simulated inspectors answer to a checklist: answers that bear their finding out."""

from collections.abc import Mapping

from casework.cases.outcomes import Verdict, verdict_of
from casework.ledgers.projects import Project
from casework.visits.checklists import ChecklistItem, CheckResult, ItemScope, checklist_for

#: What does not conform, by finding: the item and the inspector's words.
_AGAINST: Mapping[str, Mapping[str, str]] = {
    "V2": {"R2": "没有介绍、培训、补贴记录，本人自行找到工作"},
    "V3": {"L4": "实际用人单位与台账所填不一致"},
    "N1": {"R3": "没有在岗证明、工资和社保记录", "H3": "没有公益性岗位协议和补贴记录"},
    "N2": {
        "L4": "凭证上没有本人签字，本人不知情",
        "R3": "工资表和社保记录均无此人",
        "H3": "补贴没有发给本人",
    },
    "N3": {"R1": "没有失业登记记录", "H1": "没有困难人员认定表"},
    "N4": {"L4": "本年度已以另一单位登记过就业"},
    "N5": {"L4": "就业时间不在本年度"},
    "N6": {"L3": "身份证显示已超过法定退休年龄"},
    "N7": {"L4": "就业时间内为在校学生"},
    "N8": {"L3": "户籍记录显示就业日期前已死亡"},
    "SN": {"E3": "没有签订转岗协议，也没有到新岗位"},
    "SX": {"E1": "职工花名册上没有此人"},
}
#: The item that a way of resettlement rests on; the other two do not apply then.
_WAYS = {"E3": "S1", "E4": "S2", "E5": "S3"}
_WAIVERS, _PERSONS = ("R5", "H6", "E7"), ("R4", "H5", "E8")
_NEVER_MET = "N8"
_DENIED = ("N1", "N2", "SN", "SX")
_WAIVED = ("R3", "H3", "H4")  # whoever gave up has no work to prove


def answers_on_site(project: Project, outcome: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return an answer to every item of a case, and the reason for each that does not conform."""
    items = [item for item in checklist_for(project) if item.scope is not ItemScope.OFFICE]
    against = _AGAINST.get(outcome, {})
    reasons = {item.key: against[item.key] for item in items if item.key in against}
    return {item.key: _answer(item, outcome, reasons).value for item in items}, reasons


def _answer(item: ChecklistItem, outcome: str, reasons: Mapping[str, str]) -> CheckResult:
    verdict = verdict_of(outcome)
    if item.key in reasons:
        return CheckResult.FAILS
    if item.key in _PERSONS:
        met = CheckResult.DENIES if outcome in _DENIED else CheckResult.CONFIRMS
        return CheckResult.NOT_SEEN if outcome == _NEVER_MET else met
    if item.key in _WAIVERS:
        return CheckResult.PRESENT if verdict is Verdict.DEEMED else CheckResult.ABSENT
    if CheckResult.TRUE in item.results:  # whether the lead told by phone is true
        return CheckResult.TRUE if verdict is Verdict.NOT_ACHIEVED else CheckResult.FALSE
    waived = verdict is Verdict.DEEMED and item.key in _WAIVED
    applies = _WAYS.get(item.key, outcome) == outcome and item.key != "H4" and not waived
    return CheckResult.FITS if applies else CheckResult.NOT_APPLICABLE
