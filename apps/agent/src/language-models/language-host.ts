/** Language host: the loaded language models of a runner, and the version that answers for each name. */
import type { LanguageSettings } from '@skerry/contract/language-models/language-model'
import { LanguageSettings as SettingsSchema } from '@skerry/contract/language-models/language-model'
import type { Serving } from '@skerry/contract/models/serving'
import { readGgufAdapter } from '@skerry/core/language-models/gguf-adapter'
import { headerReading } from '@skerry/core/language-models/gguf-file'
import { readGgufHeader } from '@skerry/core/language-models/gguf-header'
import type { GoldenPrompt } from '@skerry/core/language-models/golden-prompt'
import { languageFit } from '@skerry/core/language-models/language-fit'
import { readSource, type SourceFile } from '@skerry/inference/runtime/model-source'
import { readFirstBytes } from '@skerry/platform/files/first-bytes'
import type { Clock } from '@skerry/platform/process/clock'
import type { RunnerAnswer, SlotPulse } from '../runner/runner-message.ts'
import { pulseOf } from '../runner/slot-pulse.ts'
import { openLanguage } from './language-process.ts'
import { type LanguageSlot, openLanguageSlot } from './language-slot.ts'
import { openRemoteLanguage, type RemoteLanguage } from './remote-language.ts'

/** The files of a version. All but the model may be absent. */
export type LanguageFiles = {
  model: SourceFile
  settings: SourceFile | undefined
  adapter: SourceFile | undefined
}

export type ServedLanguage = { name: string; version: string; sinceMs: number; slot: LanguageSlot }

type LoadOrder = { slot: string; settings: Serving }

export type LanguageHost = {
  load(order: LoadOrder, files: LanguageFiles, signal: AbortSignal): Promise<RunnerAnswer>
  /** The server of an app answers in place of a process. */
  loadRemote(order: LoadOrder, remote: RemoteLanguage, signal: AbortSignal): Promise<RunnerAnswer>
  prove(slot: string, prompts: readonly GoldenPrompt[], signal: AbortSignal): Promise<RunnerAnswer>
  activate(order: { slot: string; name: string; version: string }): RunnerAnswer
  deactivate(name: string): void
  unload(slot: string): Promise<RunnerAnswer>
  served(): ServedLanguage[]
  find(name: string): ServedLanguage | undefined
  pulses(): SlotPulse[]
  close(): Promise<void>
}

const DONE: RunnerAnswer = { ok: true }
const UNKNOWN: RunnerAnswer = { ok: false, code: 'slot_unknown', message: 'the slot has no language model' }

type Hosted = { clock: Clock; slots: Map<string, LanguageSlot>; routes: Map<string, ServedLanguage & { key: string }> }

/** An empty host. */
export function createLanguageHost({ clock }: { clock: Clock }): LanguageHost {
  const it: Hosted = { clock, slots: new Map(), routes: new Map() }
  return {
    load: (order, files, signal) => load(it, order, files, signal),
    loadRemote: (order, remote, signal) => loadRemote(it, order, remote, signal),
    prove: async (key, prompts, signal) => it.slots.get(key)?.prove(prompts, signal) ?? UNKNOWN,
    activate({ slot: key, name, version }) {
      const slot = it.slots.get(key)
      if (!slot) return UNKNOWN
      it.routes.set(name, { key, name, version, slot, sinceMs: clock.nowMs() })
      return DONE
    },
    deactivate: (name) => void it.routes.delete(name),
    unload: (key) => unload(it, key),
    served: () => [...it.routes.values()],
    find: (name) => it.routes.get(name),
    pulses: () => [...it.slots].map(([key, slot]) => languagePulse(key, slot)),
    async close() {
      it.routes.clear()
      await Promise.all([...it.slots.keys()].map((key) => unload(it, key)))
    },
  }
}

function languagePulse(key: string, slot: LanguageSlot): SlotPulse {
  const { statistics } = slot
  const common = {
    slot: key,
    name: undefined,
    version: undefined,
    longestRunMs: 0,
    mirror: undefined,
    scale: undefined,
  }
  const pulse = pulseOf({ ...common, state: { status: 'ready' }, pending: slot.waiting(), statistics })
  const problem = slot.problem()
  return { ...pulse, figures: slot.figures(), ...(problem !== undefined && { problem }) }
}

async function unload({ slots, routes }: Hosted, key: string): Promise<RunnerAnswer> {
  const slot = slots.get(key)
  if (!slot) return UNKNOWN
  for (const [name, route] of routes) if (route.key === key) routes.delete(name)
  slots.delete(key)
  await slot.close()
  return DONE
}

const failedLoad = (code: string, message: string): RunnerAnswer => ({ ok: false, code, message })

const SEALED = failedLoad(
  'model_load_failed',
  'the models of this device are sealed at rest, and the runtime of language models reads plain files only; deploy the model to a device without sealing',
)

async function load(
  { clock, slots }: Hosted,
  order: LoadOrder,
  { model, settings: file, adapter }: LanguageFiles,
  signal: AbortSignal,
): Promise<RunnerAnswer> {
  if (model.seal || adapter?.seal) return SEALED
  const settings = readSettings(file)
  if (!settings) return failedLoad('model_load_failed', 'this agent cannot read language.json; update the agent')
  const facts = await readFirstBytes(model.path, headerReading(readGgufHeader))
  if (!facts.ok) return rejected('GGUF file', facts)
  const added = adapter && (await readFirstBytes(adapter.path, headerReading(readGgufAdapter)))
  if (added && !added.ok) return rejected('adapter', added)
  const { threads, queueMax, deadlineMs, instances: answersMax } = order.settings
  const needs = { ...settings, answersMax, adapterBytes: added?.value.facts.weightsBytes ?? 0 }
  const fit = languageFit(facts.value, needs, process.availableMemory())
  if (!fit.ok) return fit
  const { contextTokens, template, adapter: { scale } = { scale: 1 } } = settings
  const lora = adapter && { path: adapter.path, scale }
  const task = { modelPath: model.path, contextTokens, threads, template, answersMax, ...(lora && { lora }) }
  const open = (stop: AbortSignal) => openLanguage(task, stop)
  const opened = await openLanguageSlot({ open, answersMax, settings, queueMax, deadlineMs, clock }, signal)
  if (!opened.ok) return opened
  slots.set(order.slot, opened.slot)
  return DONE
}

async function loadRemote(
  { clock, slots }: Hosted,
  { slot, settings: { queueMax, deadlineMs, instances: answersMax } }: LoadOrder,
  remote: RemoteLanguage,
  signal: AbortSignal,
): Promise<RunnerAnswer> {
  const { answerTokens, system, schema } = remote.chat
  const settings = SettingsSchema.parse({ answerTokens, system, schema })
  const open = (stop: AbortSignal) => openRemoteLanguage(remote, stop)
  const opened = await openLanguageSlot({ open, answersMax, settings, queueMax, deadlineMs, clock }, signal)
  if (!opened.ok) return opened
  slots.set(slot, opened.slot)
  return DONE
}

const rejected = (file: string, { message }: { message: string }) =>
  failedLoad('model_load_failed', `the ${file} is rejected: ${message}`)

function readSettings(file: SourceFile | undefined): LanguageSettings | undefined {
  const text = file ? Buffer.from(readSource(file)).toString('utf8') : '{}'
  try {
    return SettingsSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
