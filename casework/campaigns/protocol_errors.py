"""Rules of the protocol by which a draw gets its seed."""

from casework.errors import CaseworkError


class SizesFixed(CaseworkError):
    """The public value is known, so the sizes cannot change any more."""


class FrameWithoutRoot(CaseworkError):
    """The frame was frozen by the first release, without row commitments."""


class FrameChanged(CaseworkError):
    """The rows of the frame are not those that were sealed; nothing was drawn."""


class RowsChanged(FrameChanged):
    """The rows around the one to be proved are not those that were sealed."""


class RowNotAccepted(CaseworkError):
    """The ledger has no accepted entry at this place."""


class RowNotInFrame(CaseworkError):
    """The entry is accepted, and not in the frame of this campaign."""


class PublicValueMissing(CaseworkError):
    """The step needs the public value, which is not named or not entered yet."""


class PublicValueFixed(CaseworkError):
    """The public value is named once and entered once."""


class PublicValueUnreadable(CaseworkError):
    """A public value and its name are one line of text."""


class PublicValueTooEarly(CaseworkError):
    """A public value is named before its day and entered on it or later."""


class CommitmentUnreadable(CaseworkError):
    """A commitment is 64 hexadecimal digits, and each party has its own."""


class AlreadyCommitted(CaseworkError):
    """Each party commits itself once."""


class CommitmentTooLate(CaseworkError):
    """The day of the public value has come, so nobody can commit a secret any more."""


class CommitmentsMissing(CaseworkError):
    """The public value counts only if both parties committed themselves before it."""


class AlreadyRevealed(CaseworkError):
    """The secret of this party is revealed already."""


class RevealWrong(CaseworkError):
    """The secret and salt do not have the commitment. The try was recorded."""


class SecretsMissing(CaseworkError):
    """Not every party has revealed its secret."""


class StillSecret(CaseworkError):
    """Sample and seed are secret until the day of the results."""


class RedrawReasonMissing(CaseworkError):
    """Whoever agrees to give a draw up says why."""


class AlreadyAgreed(CaseworkError):
    """The party has agreed to give the draw up already."""


class AlreadyReplaced(CaseworkError):
    """Another campaign draws anew already what was given up."""
