/** Inspect worker: the thread that parses an untrusted model file, so that the hub answers other requests meanwhile. */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { summarise } from '@skerry/onnx/summary'
import type { InspectOrder } from './inspect-model.ts'

const { path, files } = workerData as InspectOrder
parentPort?.postMessage(summarise(readFileSync(path), files))
