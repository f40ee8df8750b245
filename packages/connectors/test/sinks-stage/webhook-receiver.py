"""Takes what a webhook sink posts, by Python's own server: checks token and signature, and has each line on the disk before it answers."""
import hashlib
import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

port, path, secret = int(sys.argv[1]), sys.argv[2], sys.argv[3]
lock = Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.take(body))
        self.send_header("content-length", "0")
        self.end_headers()

    def take(self, body):
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, self.headers.get("x-skerry-signature", "")):
            return 401
        if self.headers.get("authorization") != f"Bearer {secret}":
            return 401
        if self.headers.get("content-type") != "application/x-ndjson" or not self.headers.get("idempotency-key"):
            return 400
        values = [json.loads(line)["value"] for line in body.decode().splitlines()]
        with lock, open(path, "a") as file:
            file.write("".join(f"{value}\n" for value in values))
            file.flush()
            os.fsync(file.fileno())
        return 204

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
print("ready", flush=True)
server.serve_forever()
