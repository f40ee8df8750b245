"""Debian's ONNX tools as the judge of rewritten models. Reads one request from stdin, and prints its answer as JSON.

check PATH...     onnx.checker with full check; the message of each file that fails
dynamic IN OUT R  onnxruntime's own quantize_dynamic of MatMul, with int8 weights, of 7 bits if R is true
four-bit IN OUT   onnxruntime's own 4-bit quantiser, symmetric, blocks of 32
entropy           for each list of float32 numbers as hexadecimal bytes, the range that its calibration by entropy takes
static IN OUT NAME SHAPE INPUTS [METHOD [OPERATORS]]
                  onnxruntime's own quantize_static to QDQ, per channel, with ranges of inputs as hexadecimal bytes;
                  METHOD is MinMax or Percentile, and OPERATORS are all that it knows if they are null
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


def dynamic(source, target, reduced):
    import onnx.reference  # before onnxruntime, which otherwise fails to import it
    from onnxruntime.quantization import QuantType, quantize_dynamic
    quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=['MatMul', 'Gemm'],
                     reduce_range=reduced, extra_options={'EnableSubgraph': True})
    return True


def four_bit(source, target):
    import onnx, onnx.reference
    from onnxruntime.quantization.matmul_4bits_quantizer import MatMul4BitsQuantizer
    quantiser = MatMul4BitsQuantizer(onnx.load(source), block_size=32, is_symmetric=True)
    quantiser.process()
    quantiser.model.save_model_to_file(target)
    model = onnx.load(target)
    return {t.name: onnx.numpy_helper.to_array(t).tobytes().hex() for t in model.graph.initializer}


def entropy(tensors):
    import onnx.reference
    from onnxruntime.quantization.calibrate import HistogramCollector
    collector = HistogramCollector('entropy', False, 2048, 128, None, 'same')
    for name, text in tensors.items():
        collector.collect({name: np.frombuffer(bytes.fromhex(text), dtype=np.float32)})
    return {name: [float(low), float(high)] for name, (low, high, *_) in collector.compute_entropy().items()}


def static(source, target, name, shape, texts, method='MinMax', operators=('Conv', 'MatMul', 'Gemm')):
    import onnx.reference
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    inputs = iter([{name: np.frombuffer(bytes.fromhex(text), dtype=np.float32).reshape(shape)} for text in texts])

    class Reader:
        def get_next(self):
            return next(inputs, None)
    quantize_static(source, target, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
                    op_types_to_quantize=operators and list(operators), activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod[method])
    return True


def half(text):
    numbers = np.frombuffer(bytes.fromhex(text), dtype=np.float32)
    return numbers.astype(np.float16).tobytes().hex()


verb, *rest = json.load(sys.stdin)
answer = {'check': lambda: check(rest), 'dynamic': lambda: dynamic(*rest), 'four-bit': lambda: four_bit(*rest), 'entropy': lambda: entropy(*rest), 'static': lambda: static(*rest), 'half': lambda: half(*rest)}[verb]()
print('\n' + json.dumps(answer))
