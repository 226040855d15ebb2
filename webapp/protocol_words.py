"""The sentences for the broken rules of a draw's protocol; see webapp/errors.py."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.campaigns import protocol_errors as errors
from casework.errors import CaseworkError

PROTOCOL_RULES: dict[type[CaseworkError], tuple[int, LazyString]] = {
    errors.SizesFixed: (
        409,
        _l("The public value is known, so the sizes are fixed. Nothing was changed."),
    ),
    errors.FrameWithoutRoot: (
        409,
        _l(
            "This frame was frozen by the first release, without row commitments. Give it up and "
            "freeze it in a new campaign."
        ),
    ),
    errors.FrameChanged: (
        409,
        _l(
            "The frame was sealed with {sealed:,} rows. {found:,} are there now, and their digests "
            "are not the sealed ones, so nothing was drawn. Tell the auditor."
        ),
    ),
    errors.RowsChanged: (
        409,
        _l(
            "Rows {first:,} to {last:,} of the {sealed:,} in the frame are not those that were "
            "sealed, so none of them can be proved. Tell the auditor."
        ),
    ),
    errors.RowNotAccepted: (
        422,
        _l(
            "Sheet {sheet} of this ledger has no accepted entry in row {row}: its {entries:,} "
            "entries lie in rows {first:,} to {last:,}, without those that were taken out."
        ),
    ),
    errors.RowNotInFrame: (
        422,
        _l(
            "Row {row} is an accepted entry of this ledger, but not in the frame of this campaign: "
            "it is of another project, year or region, came after the freeze, or the same person "
            "stands in an earlier entry."
        ),
    ),
    errors.PublicValueMissing: (
        409,
        _l("The public value is not named or not entered yet. Nothing was changed."),
    ),
    errors.PublicValueFixed: (
        409,
        _l("The public value is named once and entered once. Nothing was changed."),
    ),
    errors.PublicValueUnreadable: (
        422,
        _l("Write one line of at most {most} characters. Nothing was changed."),
    ),
    errors.PublicValueTooEarly: (
        422,
        _l(
            "A public value is named before its day and entered on that day or later; here the day "
            "is {day}. Nothing was changed."
        ),
    ),
    errors.CommitmentUnreadable: (
        422,
        _l(
            "A commitment is 64 hexadecimal digits, and not the other party's. Nothing was changed."
        ),
    ),
    errors.AlreadyCommitted: (
        409,
        _l("Your party is committed already; each commits itself once. Nothing was changed."),
    ),
    errors.CommitmentTooLate: (
        409,
        _l(
            "The public value comes out on {day}; a secret must be committed before that day. "
            "Nothing was changed."
        ),
    ),
    errors.CommitmentsMissing: (
        409,
        _l(
            "Commitments that were not made before the public value: {missing}. Without them "
            "nothing can be drawn; give this frame up and freeze a new one."
        ),
    ),
    errors.AlreadyRevealed: (
        409,
        _l("The secret of your party is revealed already. Nothing was changed."),
    ),
    errors.RevealWrong: (
        422,
        _l(
            "Secret and salt do not have the commitment of your party, so nothing was revealed. "
            "The try was recorded; look for typing errors."
        ),
    ),
    errors.SecretsMissing: (
        409,
        _l("Secrets that are not revealed yet: {missing}. Nothing was drawn."),
    ),
    errors.StillSecret: (
        409,
        _l("Sample and seed are secret until {until}. Nothing was handed out."),
    ),
    errors.RedrawReasonMissing: (422, _l("Say why the draw is given up. Nothing was changed.")),
    errors.AlreadyAgreed: (
        409,
        _l("Your party has agreed already; the other party must agree as well."),
    ),
    errors.AlreadyReplaced: (
        409,
        _l("Another campaign draws anew already in the place of this one. Nothing was changed."),
    ),
}
