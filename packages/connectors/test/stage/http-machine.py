"""A machine that speaks HTTP by Python's own server. Prints its port. PUT /setpoint sets it; each word in the path asks for a behaviour."""
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

state = {"setpoint": 30}
asked = {"etag": 0}


class Machine(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/slow":
            time.sleep(3)
        if self.path == "/locked" and self.headers.get("Authorization") != "Bearer right":
            return self.answer(401)
        if self.path == "/busy":
            return self.answer(503)
        if self.path == "/gone":
            return self.answer(404)
        if self.path == "/text":
            return self.answer(200, b"<html>")
        if self.path == "/long":
            return self.answer(200, b"1" * 5000)
        if self.path == "/etag":
            asked["etag"] += self.headers.get("If-None-Match") == '"v1"'
            if self.headers.get("If-None-Match") == '"v1"':
                return self.answer(304, headers=[("ETag", '"v1"')])
            return self.answer(200, json.dumps({"steady": 3.25}).encode(), [("ETag", '"v1"')])
        body = {"steady": 3.25, "deep": {"sensor": 59993}, "at": "2026-11-27T03:00:00Z", "again": asked["etag"], **state}
        self.answer(200, json.dumps(body).encode())

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/refuse":
            return self.answer(409)
        if self.path == "/setpoint":
            state["setpoint"] = json.loads(body)["to"]
        self.answer(204)


server = ThreadingHTTPServer(("127.0.0.1", 0), Machine)
print(server.server_port, flush=True)
server.serve_forever()
