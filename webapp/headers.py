"""What every answer carries so that browsers keep the pages and what is on them to themselves."""

from flask import Flask, Response, request

from webapp import static_files

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
PICTURE_POLICY = "default-src 'none'; sandbox"  # what inspectors sent in runs nothing
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # over TLS the CSRF check wants our own pages to say so
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
NO_STORE = {"Cache-Control": "no-store"}
STRICT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def init_app(app: Flask) -> None:
    everywhere = HEADERS | STRICT if app.config["SECURE_COOKIES"] else HEADERS

    @app.after_request
    def protect(response: Response) -> Response:
        wanted = everywhere
        if request.endpoint not in static_files.ENDPOINTS:
            wanted = NO_STORE | everywhere
        set_already = {name.casefold() for name, _value in response.headers}
        response.headers.extend(
            (name, value) for name, value in wanted.items() if name.casefold() not in set_already
        )
        return response
