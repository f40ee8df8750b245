/** Language models in GGUF: they answer conversations in words or JSON. Experimental. */
import * as z from 'zod'
import type { LanguageModel } from '../language-models/language-model.ts'
import { Serving } from '../models/serving.ts'
import type { KindRow } from './kind-row.ts'

/** The weights, and the header that describes them. */
export const GGUF_PATH = 'model.gguf'

/** A LoRA adapter, which changes the answers of the weights. Versions with the same weights share one copy of them. */
export const ADAPTER_PATH = 'adapter.gguf'

/** How a device serves the model. The context is a setting of the version, because golden prompts depend on it. */
export const GgufSpec = z.object({
  onCrash: Serving.shape.onCrash,
  threads: Serving.shape.threads,
  queueMax: Serving.shape.queueMax,
  deadlineMs: Serving.shape.deadlineMs,
  /** Answers at a time; absent: one. Agents up to 0.1.0 drop it. */
  instances: Serving.shape.instances.unwrap().optional(),
})
export type GgufSpec = z.infer<typeof GgufSpec>

export const ggufKind = {
  mainFile: GGUF_PATH,
  // Agents without the runtime for it, or older than it, are never offered the kind.
  capability: 'gguf',
  // It answers the chat API. Routes, monitors and captures are about tensors of the Open Inference Protocol.
  serves: false,
  mayShadow: false,
  hasGoldenCases: true,
  lifecycle: ['fetching', 'verifying', 'loading', 'golden', 'ready', 'probation', 'active'],
  spec: GgufSpec,
  // The hub reads the header when the version is pushed.
  detail: { language: z.custom<LanguageModel>() },
} as const satisfies KindRow
