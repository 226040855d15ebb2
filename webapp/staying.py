"""Forms that a script of ours sends, so that a refusal is said on the page where words were typed.

Such a script cannot follow a redirect: it would use up the messages of the next page unseen. It is
told where to go on instead.
"""

from http import HTTPStatus

from flask import Flask, Response, request

ASKED, GO_ON = "X-Stays", "X-Go-On"  # see static/js/stays.js


def init_app(app: Flask) -> None:
    app.after_request(_told)


def _told(answer: Response) -> Response:
    if ASKED in request.headers and answer.location:
        answer.headers[GO_ON] = answer.location
        del answer.headers["Location"]
        answer.status_code = HTTPStatus.NO_CONTENT
        answer.set_data(b"")
    return answer
