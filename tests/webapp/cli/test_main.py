import pytest

from webapp.cli import COMMANDS, main


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])

    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in printed] == []


@pytest.mark.parametrize("words", [[], ["dance"], ["draw", "--dance"]])
def test_wrong_usage_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)

    assert end.value.code == 2
    assert "usage: heyan" in capsys.readouterr().err
