"""Fictitious ledgers with known truth, and the rehearsal of a whole campaign on them."""

MARK = "演示数据"  #: stands in every file, title, row and remark that is made up
