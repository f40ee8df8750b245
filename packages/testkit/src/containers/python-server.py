"""A server of models in Python, as people write them: the Open Inference Protocol over HTTP, without a framework."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FACTOR = int(os.environ.get("FACTOR", "5"))


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/v2/health/ready":
            self.answer(200, {})
        elif self.path == "/v2/models/times":
            x = {"name": "x", "datatype": "INT32", "shape": [-1]}
            self.answer(200, {"name": "times", "inputs": [x], "outputs": [{**x, "name": "y"}]})
        else:
            self.answer(404, {"error": "unknown"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        x = body["inputs"][0]
        data = [FACTOR * value for value in x["data"]]
        output = {"name": "y", "datatype": "INT32", "shape": [len(data)], "data": data}
        self.answer(200, {"model_name": "times", "outputs": [output]})

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("0.0.0.0", 8000), Server).serve_forever()
