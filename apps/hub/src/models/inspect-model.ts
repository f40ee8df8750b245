/** Inspects a model file in a thread of its own. A few kilobytes of protobuf may unfold to any size. */
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import { inModelThread } from './model-thread.ts'

export type InspectOrder = {
  /** The path of the model file. */
  path: string
  /** The files beside it, by path, with their sizes. */
  files: ReadonlyMap<string, number>
}

export type InspectResult =
  | { ok: true; value: ModelSummary }
  | { ok: false; code: Extract<ErrorCode, `model_${string}`>; message: string }

/** Resolves with the summary or the rejection; rejects when the signal fires. */
export const inspectModel = (order: InspectOrder, signal: AbortSignal): Promise<InspectResult> =>
  inModelThread<InspectResult>(workerUrl, order, signal)

/** A TypeScript file here, and a JavaScript file once published. */
const workerUrl = new URL(`./inspect-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
