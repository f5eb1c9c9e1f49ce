"""A web server on this machine, in the place of one that a test must not ask."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """Gives the files of `answers`, which may change meanwhile, and notes what was `asked`."""

    def __init__(self, answers):
        self.answers, self.asked = dict(answers), []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                outer.asked.append(name)
                content = outer.answers.get(name)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.http.server_port}/files/"

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()
