"""Runs the golden inputs of pulled versions on Debian's own onnxruntime, and says how far its outputs are from those that the hub signed.

Run: python3 judge.py FOLDER...    Prints one line of JSON: for each folder the cases, and the largest difference |a - b| / (1 + |b|).
"""
import base64, json, os, sys
import numpy as np

# Newer versions of onnxruntime send telemetry unless this is set before they are loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime as ort


def read(tensor):
    return np.frombuffer(base64.b64decode(tensor["data"]), {"FP32": "<f4"}[tensor["datatype"]]).reshape(tensor["shape"])


def judge(folder):
    session = ort.InferenceSession(os.path.join(folder, "model.onnx"), providers=["CPUExecutionProvider"])
    cases = json.load(open(os.path.join(folder, "golden.json")))["cases"]
    worst = 0.0
    for case in cases:
        expected = {name: read(tensor) for name, tensor in case["outputs"].items()}
        found = session.run(list(expected), {name: read(tensor) for name, tensor in case["inputs"].items()})
        for output, wanted in zip(found, expected.values()):
            if output.shape != wanted.shape:
                raise SystemExit(f"{folder}: shape {output.shape} instead of {wanted.shape}")
            worst = max(worst, float(np.max(np.abs(output - wanted) / (1 + np.abs(wanted)))))
    return {"cases": len(cases), "worst": worst}


print(json.dumps([judge(folder) for folder in sys.argv[1:]]))
