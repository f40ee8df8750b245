"""Debian's ONNX tools as the judge of rewritten models. Reads one request from stdin, and prints its answer as JSON.

check PATH...     onnx.checker with full check; the message of each file that fails
dynamic IN OUT    onnxruntime's own quantize_dynamic of MatMul, with int8 weights
four-bit IN OUT   onnxruntime's own 4-bit quantiser, symmetric, blocks of 32
half              reads float32 numbers as hexadecimal bytes, prints numpy's float16 bits
"""
import json, sys
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


def dynamic(source, target):
    import onnx.reference  # before onnxruntime, which otherwise fails to import it
    from onnxruntime.quantization import QuantType, quantize_dynamic
    quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=['MatMul', 'Gemm'],
                     extra_options={'EnableSubgraph': True})
    return True


def four_bit(source, target):
    import onnx, onnx.reference
    from onnxruntime.quantization.matmul_4bits_quantizer import MatMul4BitsQuantizer
    quantiser = MatMul4BitsQuantizer(onnx.load(source), block_size=32, is_symmetric=True)
    quantiser.process()
    quantiser.model.save_model_to_file(target)
    model = onnx.load(target)
    return {t.name: onnx.numpy_helper.to_array(t).tobytes().hex() for t in model.graph.initializer}


def half(text):
    numbers = np.frombuffer(bytes.fromhex(text), dtype=np.float32)
    return numbers.astype(np.float16).tobytes().hex()


verb, *rest = json.load(sys.stdin)
answer = {'check': lambda: check(rest), 'dynamic': lambda: dynamic(*rest), 'four-bit': lambda: four_bit(*rest), 'half': lambda: half(*rest)}[verb]()
print('\n' + json.dumps(answer))
