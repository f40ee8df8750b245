"""Debian's ONNX tools as the judge of training models. Reads one request from stdin, and prints its answer as JSON.

check PATH...     onnx.checker with full check; the message of each file that fails
run PATH FEEDS    Debian's onnxruntime: the outputs by name, as hexadecimal bytes; FEEDS are [type, shape, hex] by name
"""
import json, os, sys
import numpy as np


def check(paths):
    import onnx, onnx.checker
    wrong = {}
    for path in paths:
        try:
            onnx.checker.check_model(path, full_check=True)
        except Exception as error:
            wrong[path] = str(error)
    return wrong


def run(path, feeds):
    os.environ['ORT_DISABLE_TELEMETRY'] = '1'
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])
    given = {name: np.frombuffer(bytes.fromhex(text), dtype=kind).reshape(shape) for name, (kind, shape, text) in feeds.items()}
    names = [output.name for output in session.get_outputs()]
    return {name: value.tobytes().hex() for name, value in zip(names, session.run(names, given))}


verb, *rest = json.load(sys.stdin)
answer = check(rest) if verb == 'check' else run(*rest)
print('\n' + json.dumps(answer))
