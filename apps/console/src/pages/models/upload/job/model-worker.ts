/** Model worker: reads an ONNX file as the hub will, in a thread of its own, so that what it lacks is known before a byte is sent. */
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import { externalPaths } from '@skerry/onnx/external-data'
import { readModel } from '@skerry/onnx/read'
import { summariseModel } from '@skerry/onnx/summary'
import { type Dropped, locate } from '../file-plan.ts'

export type ModelOrder = { file: File; model: Dropped; beside: Dropped[] }

export type ModelReading =
  | { ok: true; needed: string[]; summary: ModelSummary }
  | { ok: false; needed: string[]; code: string; message: string }

self.addEventListener('message', ({ data }: MessageEvent<ModelOrder>) => {
  read(data).then(
    (reading) => self.postMessage(reading),
    (error: unknown) => {
      // Thrown where the page hears it as an error of the worker.
      setTimeout(() => {
        throw error
      })
    },
  )
})

async function read({ file, model, beside }: ModelOrder): Promise<ModelReading> {
  const parsed = readModel(new Uint8Array(await file.arrayBuffer()))
  if (!parsed.ok) return { ...parsed, needed: [] }
  const paths = externalPaths(parsed.value)
  if (!paths.ok) return { ...paths, needed: [] }
  const needed = [...paths.value].sort()
  const sizes = needed.flatMap((path) => {
    const found = locate(beside, model, path)
    return found ? [[path, found.sizeBytes] as const] : []
  })
  const summary = summariseModel(parsed.value, new Map(sizes))
  return summary.ok ? { ok: true, needed, summary: summary.value } : { ...summary, needed }
}
