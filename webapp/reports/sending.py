"""Sending a finished paper; a large one goes through a file, never through memory as a whole."""

from tempfile import TemporaryFile

from flask import Response, send_file

from casework.reports.handouts import content_of
from casework.reports.models import Handout
from webapp.reports.making import SUFFIXES, TYPES


def sent(handout: Handout) -> Response:
    """Answer with the file of a finished paper, to be saved."""
    suffix = SUFFIXES[handout.kind]
    subject = handout.kind.value.partition("_")[0]  # the suffix tells the form it is in
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it once it is sent
    file.writelines(content_of(handout))
    file.seek(0)
    answer = send_file(
        file,
        TYPES[suffix],
        as_attachment=True,
        download_name=f"heyan-{subject}-{handout.region_code}-{handout.digest[:8]}.{suffix}",
        max_age=0,
    )
    answer.content_length = handout.size
    answer.headers["Cache-Control"] = "no-store"
    return answer
