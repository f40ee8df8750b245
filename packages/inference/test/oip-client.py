"""An independent client of the Open Inference Protocol: Debian's python3-grpcio, http.client and struct, nothing of Skerry's.

Usage: oip-client.py PROTO REST_PORT GRPC_PORT < cases.json > answers.json
A case is {"model", "datatype", "shape", "hex"}: the bytes of input x. An answer has the bytes of output y as each door gave them.
"""

import http.client
import json
import struct
import sys
import tempfile
from pathlib import Path

import grpc
from grpc_tools import protoc

FORMAT = {
    "BOOL": "?", "INT8": "b", "INT16": "h", "INT32": "i", "INT64": "q", "UINT8": "B", "UINT16": "H", "UINT32": "I",
    "UINT64": "Q", "FP32": "f", "FP64": "d", "FP16": "e",
}
FIELD = {
    "BOOL": "bool_contents", "INT8": "int_contents", "INT16": "int_contents", "INT32": "int_contents",
    "INT64": "int64_contents", "UINT8": "uint_contents", "UINT16": "uint_contents", "UINT32": "uint_contents",
    "UINT64": "uint64_contents", "FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents",
}


def unpack(datatype, raw):
    if datatype != "BYTES":
        return [value for (value,) in struct.iter_unpack("<" + FORMAT[datatype], raw)]
    values, at = [], 0
    while at < len(raw):
        (length,) = struct.unpack_from("<I", raw, at)
        values.append(raw[at + 4 : at + 4 + length])
        at += 4 + length
    return values


def pack(datatype, values):
    if datatype != "BYTES":
        return b"".join(struct.pack("<" + FORMAT[datatype], value) for value in values)
    return b"".join(struct.pack("<I", len(value)) + value for value in values)


def rest(connection, model, body, headers):
    connection.request("POST", f"/v2/models/{model}/infer", body, headers)
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, content
    length = int(response.getheader("Inference-Header-Content-Length", len(content)))
    return json.loads(content[:length]), content[length:]


def rest_json(connection, case):
    datatype = case["datatype"]
    values = unpack(datatype, bytes.fromhex(case["hex"]))
    data = [value.decode() for value in values] if datatype == "BYTES" else values
    tensor = {"name": "x", "shape": case["shape"], "datatype": datatype, "data": data}
    answer, _ = rest(connection, case["model"], json.dumps({"inputs": [tensor]}), {"Content-Type": "application/json"})
    data = answer["outputs"][0]["data"]
    return pack(datatype, [value.encode() for value in data] if datatype == "BYTES" else data)


def rest_binary(connection, case):
    raw = bytes.fromhex(case["hex"])
    tensor = {"name": "x", "shape": case["shape"], "datatype": case["datatype"], "parameters": {"binary_data_size": len(raw)}}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    answer, binary = rest(connection, case["model"], head + raw, {"Inference-Header-Content-Length": str(len(head))})
    assert answer["outputs"][0]["parameters"]["binary_data_size"] == len(binary)
    return binary


def grpc_raw(stub, messages, case):
    request = messages.ModelInferRequest(model_name=case["model"], raw_input_contents=[bytes.fromhex(case["hex"])])
    request.inputs.add(name="x", datatype=case["datatype"], shape=case["shape"])
    return stub.ModelInfer(request).raw_output_contents[0]


def grpc_typed(stub, messages, case):
    datatype = case["datatype"]
    request = messages.ModelInferRequest(model_name=case["model"])
    tensor = request.inputs.add(name="x", datatype=datatype, shape=case["shape"])
    getattr(tensor.contents, FIELD[datatype]).extend(unpack(datatype, bytes.fromhex(case["hex"])))
    return pack(datatype, getattr(stub.ModelInfer(request).outputs[0].contents, FIELD[datatype]))


def main(proto, rest_port, grpc_port):
    with tempfile.TemporaryDirectory() as folder:
        code = protoc.main(["protoc", f"-I{Path(proto).parent}", f"--python_out={folder}", f"--grpc_python_out={folder}", proto])
        assert code == 0, "protoc failed"
        sys.path.insert(0, folder)
        import open_inference_grpc_pb2 as messages
        import open_inference_grpc_pb2_grpc as services
    connection = http.client.HTTPConnection("127.0.0.1", int(rest_port))
    stub = services.GRPCInferenceServiceStub(grpc.insecure_channel(f"127.0.0.1:{grpc_port}"))
    answers = []
    for case in json.load(sys.stdin):
        answer = {"restBinary": rest_binary(connection, case), "grpcRaw": grpc_raw(stub, messages, case)}
        if case["datatype"] != "FP16":
            answer |= {"restJson": rest_json(connection, case), "grpcTyped": grpc_typed(stub, messages, case)}
        answers.append({door: raw.hex() for door, raw in answer.items()})
    json.dump(answers, sys.stdout)


main(*sys.argv[1:])
