"""How a person is shown before he or she is revealed."""

NAME_SHOWN = 1
ID_SHOWN = 4  # characters at each end
PHONE_SHOWN = (3, 4)


def mask_name(name: str) -> str:
    """Cover a name but its first character."""
    return name[:NAME_SHOWN] + "*" * max(len(name) - NAME_SHOWN, 1) if name else ""


def mask_id(id_no: str) -> str:
    """Cover an identity number but four characters at each end."""
    return _cover(id_no, ID_SHOWN, ID_SHOWN)


def mask_phone(phone: str) -> str:
    """Cover a number but its first three and last four digits."""
    return _cover(phone, *PHONE_SHOWN)


def _cover(text: str, first: int, last: int) -> str:
    covered = len(text) - first - last
    if covered <= 0:
        return "*" * len(text)
    return f"{text[:first]}{'*' * covered}{text[-last:]}"
