"""Gunicorn behind nginx: on each core one process of eight threads, all behind one socket."""

from os import cpu_count

bind = "unix:/run/heyan/web.sock"
worker_class = "gthread"
workers = cpu_count() or 1
threads = 8
# nginx opens a connection for each request. A process takes no more of them than it has threads:
# what has to wait waits where every process may take it, and not with one that is busy.
worker_connections = threads
keepalive = 0
preload_app = True  # a process that died is back at once
graceful_timeout = 15
control_socket_disable = True
# nginx keeps the access log; addresses of pages hold no personal data.
accesslog = None
loglevel = "warning"
