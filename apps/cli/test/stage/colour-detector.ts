/** Colour detector: a small ONNX detector that finds bars of pure colour, and answers as a YOLOv8 does. Its boxes are as large as a bar of the test picture. */
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'

const WIDTH = 128
const HEIGHT = 96
const CELL = 8
const COLUMNS = WIDTH / CELL
const ROWS = HEIGHT / CELL
const CELLS = COLUMNS * ROWS

/** [SMPTE EG 1-1990] Seven bars beside each other, over two thirds of the height. */
const BAR = { width: WIDTH / 7, height: (HEIGHT * 2) / 3 }

/** [1, 3, 96, 128] in shares → [1, 4 + 2, 192]: how green and how red each cell of the picture is. */
export function colourDetector(): Uint8Array {
  const model = buildModel({
    nodes: [
      {
        operator: 'AveragePool',
        inputs: ['images'],
        outputs: ['cells'],
        attributes: { kernel_shape: { ints: [CELL, CELL] }, strides: { ints: [CELL, CELL] } },
      },
      { operator: 'Conv', inputs: ['cells', 'weights', 'bias'], outputs: ['logits'] },
      { operator: 'Sigmoid', inputs: ['logits'], outputs: ['shares'] },
      { operator: 'Reshape', inputs: ['shares', 'flat'], outputs: ['scores'] },
      { operator: 'Concat', inputs: ['boxes', 'scores'], outputs: ['output0'], attributes: { axis: { int: 1 } } },
    ],
    inputs: [{ name: 'images', datatype: 'FP32', shape: [1, 3, HEIGHT, WIDTH] }],
    outputs: [{ name: 'output0', datatype: 'FP32', shape: [1, 6, CELLS] }],
    initialisers: [
      // A colour is what there is more of it than of the two others.
      float32Tensor('weights', [2, 3, 1, 1], Float32Array.of(-12, 12, -12, 12, -12, -12)),
      float32Tensor('bias', [2], Float32Array.of(-5, -5)),
      float32Tensor('boxes', [1, 4, CELLS], boxes()),
      { name: 'flat', datatype: 'INT64', shape: [3], data: new Uint8Array(BigInt64Array.of(1n, 2n, -1n).buffer) },
    ],
    // [Ultralytics, "export"] As its own models say it.
    metadata: { names: "{0: 'green', 1: 'red'}" },
  })
  return writeModel(model)
}

/** Centre and size: a bar around the column of each cell. */
function boxes(): Float32Array {
  const values = new Float32Array(4 * CELLS)
  for (let cell = 0; cell < CELLS; cell++) {
    values[cell] = ((cell % COLUMNS) + 0.5) * CELL
    values[CELLS + cell] = BAR.height / 2
    values[2 * CELLS + cell] = BAR.width
    values[3 * CELLS + cell] = BAR.height
  }
  return values
}
