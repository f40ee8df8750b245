/**
 * Slot host: the versions of one kind in a runner process. A slot is one loaded version; it is loaded beside the others
 * and then activated.
 */
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import type { RemoteModel } from '@skerry/inference/remote/remote-model'
import type { ModelSource, SourceFile } from '@skerry/inference/runtime/model-source'
import type { LanguageFiles } from '../language-models/language-host.ts'
import type { RemoteLanguage } from '../language-models/remote-language.ts'
import type { GoldenFiles, RunnerAnswer, SlotPulse } from '../runner/runner-message.ts'

/** The files that each kind in the runner is loaded from. A kind with a runtime elsewhere has no row. */
export type SlotFiles = {
  model: ModelSource
  flow: SourceFile
  gguf: LanguageFiles
  served: RemoteModel
  chat: RemoteLanguage
}
export type SlotKind = keyof SlotFiles

/** `cell` is the place of the marks of its runs; absent if nothing is marked. */
type SlotLoad = { slot: string; settings: Serving; cell?: number; workerBytes?: number }

type SlotMirror = { slot: string; name: string; rules: Shadow; golden: SourceFile | undefined }

export type SlotHost<Files> = {
  load(order: SlotLoad, files: Files, signal: AbortSignal): Promise<RunnerAnswer>
  golden(slot: string, files: GoldenFiles, signal: AbortSignal): Promise<RunnerAnswer>
  mirror?(order: SlotMirror): RunnerAnswer
  activate(order: { slot: string; name: string; version: string }): RunnerAnswer
  deactivate(name: string): Promise<void>
  unload(slot: string): Promise<RunnerAnswer>
  pulses(): SlotPulse[]
  close(): Promise<void>
}
