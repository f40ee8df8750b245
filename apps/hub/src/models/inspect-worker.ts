/** Inspect worker: the thread that parses a stranger's model file, so that the hub answers others meanwhile. */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { summarise } from '@skerry/onnx/summary'
import type { InspectOrder } from './inspect-model.ts'

const { path, files } = workerData as InspectOrder
parentPort?.postMessage(summarise(readFileSync(path), files))
