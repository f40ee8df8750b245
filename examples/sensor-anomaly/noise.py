"""Makes model-v3-noise.onnx: version 2 as a hurried colleague would export it, with the noise layer of its training still on.

It loads, answers finite numbers, and nothing about it looks wrong. But its answers are different every time, so that no device ever gives
those that were recorded when it was pushed. Needs onnx (Debian: python3-onnx). Run: python3 noise.py
"""
import onnx
from onnx import helper as H

model = onnx.load("model-v2.onnx")
nodes = model.graph.node
features = next(i for i, node in enumerate(nodes) if "h0" in node.output)
for node in nodes[features + 1:]:
    if node.op_type == "Gemm" and "h0" in node.input:
        node.input[0] = "noisy"  # the encoder sees noise; the error is still against the clean features, as in training
nodes.insert(features + 1, H.make_node("RandomNormalLike", ["h0"], ["noise"], scale=0.5))
nodes.insert(features + 2, H.make_node("Add", ["h0", "noise"], ["noisy"]))
onnx.checker.check_model(model, full_check=True)
onnx.save(model, "model-v3-noise.onnx")
