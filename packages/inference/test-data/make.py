"""Makes the tiny models of this folder with Debian's python3-onnx: /usr/bin/python3 make.py"""

from pathlib import Path

import onnx
from onnx import TensorProto as T
from onnx import helper as h

FOLDER = Path(__file__).parent


def save(name, nodes, inputs, outputs, initializers=()):
    graph = h.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8, producer_name="")
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")


def value(name, kind, shape):
    return h.make_tensor_value_info(name, kind, shape)


KINDS = {
    "bool": T.BOOL, "uint8": T.UINT8, "uint16": T.UINT16, "uint32": T.UINT32, "uint64": T.UINT64,
    "int8": T.INT8, "int16": T.INT16, "int32": T.INT32, "int64": T.INT64,
    "fp16": T.FLOAT16, "bf16": T.BFLOAT16, "fp32": T.FLOAT, "fp64": T.DOUBLE, "bytes": T.STRING,
}
for kind_name, kind in KINDS.items():
    node = h.make_node("Identity", ["x"], ["y"])
    save(f"identity-{kind_name}", [node], [value("x", kind, ["N", "M"])], [value("y", kind, ["N", "M"])])

# Two versions that tell by their answer which one gave it.
for factor in (2, 3):
    initializer = h.make_tensor("factor", T.FLOAT, [], [factor])
    node = h.make_node("Mul", ["x", "factor"], ["y"])
    save(f"times-{factor}", [node], [value("x", T.FLOAT, ["N", "M"])], [value("y", T.FLOAT, ["N", "M"])], [initializer])

# Two inputs, two outputs, of two types: the rows can be batched. Indices outside 0..2 fail at run time.
table = h.make_tensor("table", T.STRING, [3], [b"low", b"middle", "größer".encode()])
save(
    "rows",
    [h.make_node("ReduceSum", ["x", "axes"], ["sum"], keepdims=1), h.make_node("Gather", ["table", "level"], ["label"])],
    [value("x", T.FLOAT, ["N", "M"]), value("level", T.INT64, ["N", 1])],
    [value("sum", T.FLOAT, ["N", 1]), value("label", T.STRING, ["N", 1])],
    [table, h.make_tensor("axes", T.INT64, [1], [1])],
)

# Says that its rows are independent, but gives one row for all of them.
save(
    "mean",
    [h.make_node("ReduceMean", ["x"], ["y"], axes=[0], keepdims=1)],
    [value("x", T.FLOAT, ["N", 2])],
    [value("y", T.FLOAT, ["K", 2])],
)

# Runs for as long as the input says: about 1 µs a step.
body = h.make_graph(
    [h.make_node("Identity", ["go"], ["goes"]), h.make_node("Add", ["sum", "sum"], ["next"])],
    "body",
    [value("step", T.INT64, []), value("go", T.BOOL, []), value("sum", T.FLOAT, [1])],
    [value("goes", T.BOOL, []), value("next", T.FLOAT, [1])],
)
save(
    "spin",
    [
        h.make_node("Squeeze", ["steps"], ["trips"]),
        h.make_node("Loop", ["trips", "", "zero"], ["y"], body=body),
    ],
    [value("steps", T.INT64, [1])],
    [value("y", T.FLOAT, [1])],
    [h.make_tensor("zero", T.FLOAT, [1], [0.0])],
)

# Divides: by zero gives NaN and infinities.
save(
    "divide",
    [h.make_node("Div", ["a", "b"], ["y"])],
    [value("a", T.FLOAT, ["N"]), value("b", T.FLOAT, ["N"])],
    [value("y", T.FLOAT, ["N"])],
)

# Needs as much memory as its input says: a tensor of that many zeros, summed.
save(
    "hoard",
    [h.make_node("ConstantOfShape", ["count"], ["zeros"]), h.make_node("ReduceSum", ["zeros"], ["y"], keepdims=0)],
    [value("count", T.INT64, [1])],
    [value("y", T.FLOAT, [])],
)
