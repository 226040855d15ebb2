"""Values that must come from a code list, in the words people use for them."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from casework.ledgers.columns import plain
from casework.ledgers.sources import read_source

#: Other words for a code, by list.
_ALSO: Final[Mapping[str, Mapping[str, str]]] = {
    "education_henan6": {
        "研究生": "6", "硕士": "6", "硕士研究生": "6", "博士": "6", "博士研究生": "6",
        "研究生以上": "6", "研究生及以上": "6", "大学": "5", "大学本科": "5", "本科及以上": "5",
        "大专": "4", "大学专科": "4", "专科(高职)": "4", "高职": "4", "高中": "3", "中专": "3",
        "中职": "3", "职高": "3", "技校": "3", "职业高中": "3", "技工学校": "3", "普通高中": "3",
        "高中/中专": "3", "初级中学": "2", "初中及以下": "2", "小学及以下": "1",
    },
    "employment_form": {"公益性岗位": "30", "个体": "21", "其他": "990"},
    "employment_type": {"再就业": "2"},
    "resettle_channel": {
        "转岗": "T", "转岗安置": "T", "内退": "R", "内部退休": "R", "解除合同": "C",
        "解除(终止)劳动合同": "C", "解除劳动关系": "C", "解除或终止劳动合同": "C",
        "转岗就业": "E", "公益性岗位": "P", "自愿放弃": "W", "自愿放弃安置": "W", "未安置": "N",
    },
    "sex": {"男性": "1", "女性": "2"},
}  # fmt: skip
#: Levels of GB/T 4658 by their first digit, in the six levels of the province.
_LEVELS: Final = {"1": "6", "2": "5", "3": "4", "4": "3", "6": "3", "7": "2", "8": "1"}
#: The code of flexible work in the list employment_form.
FLEXIBLE_WORK: Final = "22"
YES: Final = frozenset({"是", "√", "✓", "✔", "☑", "1", "y", "yes", "true", "有"})
NO: Final = frozenset({"否", "×", "✗", "0", "n", "no", "false", "无", "/", "-", ""})


@cache
def _list(name: str) -> Mapping[str, str]:
    rows = [row for row in read_source("codes") if row["list"] == name]
    words = {plain(row["zh"]): row["code"] for row in rows}
    codes = {plain(row["code"]): row["code"] for row in rows}
    return {**codes, **words, **{plain(word): code for word, code in _ALSO.get(name, {}).items()}}


@cache
def _education() -> Mapping[str, str]:
    national = {
        word: _LEVELS[code[0]]
        for word, code in _list("education_gbt4658").items()
        if code[0] in _LEVELS
    }
    return {**national, **_list("education_henan6")}


def code_of(name: str, text: str) -> str | None:
    """Return the code that *text* names in a list, by word or by code; None if it names none."""
    return _list(name).get(text) or _list(name).get(plain(text))


def education_of(text: str) -> str | None:
    """Return one of the province's six levels, also from the words and codes of GB/T 4658."""
    return _education().get(text) or _education().get(plain(text))


#: The list that each column with codes takes its values from.
LIST_OF_COLUMN: Final = MappingProxyType(
    {
        "channel": "resettle_channel",
        "education": "education_henan6",
        "employ_form": "employment_form",
        "employ_type": "employment_type",
        "hardship_type": "hardship_category",
        "sex": "sex",
        "unsettled_reason": "unsettled_reason",
    }
)


@cache
def _words(name: str) -> Mapping[str, str]:
    return {row["code"]: row["zh"] for row in read_source("codes") if row["list"] == name}


def words_of(column: str, value: str) -> str:
    """Return what a stored value of *column* is called; a value without a code as it stands."""
    return _words(LIST_OF_COLUMN.get(column, "")).get(value, value)
