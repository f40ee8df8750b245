/** Conversion worker: the thread that reads an untrusted model of another framework. */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { convertModel } from '@skerry/onnx/tabular/convert'
import type { ConversionOrder } from './convert-file.ts'

const { path } = workerData as ConversionOrder
parentPort?.postMessage(convertModel(readFileSync(path)))
