/**
 * Model host: the loaded versions of a runner process, and the version that answers for each model.
 *
 * A slot is loaded beside the others and serves no request until it is activated. Activation swaps one reference
 * between two requests: those on the way stay with the slot that took them, so none is dropped and none sees two
 * versions.
 */
import type { GoldenInputCase, Tolerance } from '@skerry/contract/devices/golden'
import type { Serving } from '@skerry/contract/models/serving'
import type { ItemScale } from '@skerry/contract/scaling/scaling'
import type { AnswerCapture } from '../capture/answer-capture.ts'
import type { ScalerDeps } from '../scale/slot-scaler.ts'
import type { RunMark } from '../seat/run-mark.ts'
import type { Signature } from '../seat/session.ts'
import type { SeatSource } from '../seat/worker-message.ts'
import type { AnswerWatch } from './answer-watch.ts'
import { fail } from './failure.ts'
import { type GoldenRun, runGolden } from './golden-run.ts'
import { fitRequest, type InferRequest, type InferResult } from './infer-request.ts'
import { createMirror, type Mirror, type MirrorStatistics, mirrorProblem } from './mirror.ts'
import type { RawTensor } from './raw-tensor.ts'
import { openSlot, type Slot, type SlotState } from './slot.ts'
import type { Statistics } from './statistics.ts'

/** `mark` is a place in a file for each instance; after a crash it shows that the instance was running. */
export type LoadOrder = SeatSource & {
  slot: string
  settings: Serving
  mark?: RunMark | undefined
  /** The name of the version for people. */
  label?: string
  /** The memory of one worker, for the limit of the host. */
  workerBytes?: number | undefined
  signal: AbortSignal
}

export type LoadResult =
  | { ok: true; signature: Signature }
  | { ok: false; code: 'model_load_failed' | 'slot_exists'; message: string }

export type GoldenResult = GoldenRun | { ok: false; code: 'slot_unknown'; message: string }

export type HostResult =
  | { ok: true }
  | { ok: false; code: 'slot_unknown' | 'slot_in_use' | 'slot_stuck'; message: string }

export type MirrorOrder = { name: string; slot: string; share: number; tolerance: Tolerance }

export type MirrorResult =
  | { ok: true }
  | { ok: false; code: 'slot_unknown' | 'model_unknown' | 'slot_in_use' | 'shadow_signature_differs'; message: string }

/** A model that answers requests, or should. */
export type ServedModel = { name: string; version: string; slot: string; state: SlotState; signature: Signature }

/** The statistics of one slot, under the name and version that it serves, if it does. */
export type SlotStatistics = {
  slot: string
  name: string | undefined
  version: string | undefined
  state: SlotState
  pending: number
  longestRunMs: number
  statistics: Statistics
  /** Set for a slot with a scaling policy. */
  scale: ItemScale | undefined
  /** Set for a slot that gets copies of the requests. */
  mirror: MirrorStatistics | undefined
}

export type ModelHost = {
  /** Loads a version into workers of its own, beside all others. Rejects only when the signal fires. */
  load(order: LoadOrder): Promise<LoadResult>
  /** Runs cases on this slot alone, whether it is active or not; they do not count in its statistics. */
  golden(slot: string, cases: readonly GoldenInputCase[], signal: AbortSignal): Promise<GoldenResult>
  /** From the next request on, this slot answers for the model. */
  activate(route: { name: string; version: string; slot: string }): HostResult
  /**
   * From the next request on, this slot gets copies of a share of the model's requests. Its answers are compared and
   * thrown away, until any slot is activated for the model, or this one is unloaded.
   */
  mirror(order: MirrorOrder): MirrorResult
  /** From the next request on, the model is unknown. */
  deactivate(name: string): void
  /** Answers the requests that the slot still has, then ends its workers. Rejected while the slot is active. */
  unload(slot: string): Promise<HostResult>
  infer(name: string, version: string | undefined, request: InferRequest, signal: AbortSignal): Promise<InferResult>
  served(): ServedModel[]
  /** The model of this name, if it is served. */
  find(name: string): ServedModel | undefined
  stats(): SlotStatistics[]
  /** Stops serving, answers the requests on their way, and ends all workers. */
  close(): Promise<void>
}

type Route = { version: string; slotName: string; slot: Slot; shadow?: { slotName: string; mirror: Mirror } }
type HostDeps = ScalerDeps & { watch?: AnswerWatch; capture?: AnswerCapture }

type Hosted = HostDeps & { slots: Map<string, Slot>; loading: Set<string>; routes: Map<string, Route> }

/** An empty host. The clock dates the last inference of each model. */
export function createModelHost(deps: HostDeps): ModelHost {
  const host: Hosted = { ...deps, slots: new Map(), loading: new Set(), routes: new Map() }
  return {
    load: (order) => load(host, order),
    golden: async (slot, cases, signal) => {
      const found = host.slots.get(slot)
      if (found === undefined) return slotUnknown(slot)
      const run = await runGolden(found.signature, (request) => found.attempt(request, signal), cases)
      signal.throwIfAborted()
      return run
    },
    activate: (route) => activate(host, route),
    mirror: (order) => mirror(host, order),
    deactivate: (name) => replaceRoute(host, name, undefined),
    unload: (slot) => unload(host, slot),
    infer: (name, version, request, signal) => infer(host, { name, version }, request, signal),
    served: () => [...host.routes].map(([name, route]) => servedModel(name, route)),
    find(name) {
      const route = host.routes.get(name)
      return route === undefined ? undefined : servedModel(name, route)
    },
    stats: () => stats(host),
    async close() {
      for (const name of [...host.routes.keys()]) replaceRoute(host, name, undefined)
      await Promise.all([...host.slots.keys()].map((slot) => unload(host, slot)))
    },
  }
}

const servedModel = (name: string, { version, slotName, slot }: Route): ServedModel => ({
  name,
  version,
  slot: slotName,
  state: slot.state(),
  signature: slot.signature,
})

async function load(
  host: Hosted,
  { slot, label = slot, settings, mark, workerBytes, signal, ...source }: LoadOrder,
): Promise<LoadResult> {
  if (host.slots.has(slot) || host.loading.has(slot)) {
    return { ok: false, code: 'slot_exists', message: `slot ${slot} holds a model: unload it first` }
  }
  host.loading.add(slot)
  const { clock, scheduledMin, residency } = host
  try {
    const opened = await openSlot(
      source,
      { settings, clock, scheduledMin, residency, mark, name: label, workerBytes },
      signal,
    )
    if (!opened.ok) return opened
    host.slots.set(slot, opened.slot)
    return { ok: true, signature: opened.slot.signature }
  } finally {
    host.loading.delete(slot)
  }
}

function activate(host: Hosted, { name, version, slot }: { name: string; version: string; slot: string }): HostResult {
  const found = host.slots.get(slot)
  if (found === undefined) return slotUnknown(slot)
  replaceRoute(host, name, { version, slotName: slot, slot: found })
  return { ok: true }
}

/** The counters of a comparison with the old serving version say nothing about another one. */
function replaceRoute({ routes }: Hosted, name: string, route: Route | undefined): void {
  routes.get(name)?.shadow?.mirror.close()
  if (route) routes.set(name, route)
  else routes.delete(name)
}

function mirror(host: Hosted, { name, slot, share, tolerance }: MirrorOrder): MirrorResult {
  const shadow = host.slots.get(slot)
  const route = host.routes.get(name)
  if (shadow === undefined) return slotUnknown(slot)
  if (route === undefined) return { ok: false, code: 'model_unknown', message: `nothing serves ${name}` }
  if (route.slotName === slot) return { ok: false, code: 'slot_in_use', message: `slot ${slot} serves ${name} itself` }
  const problem = mirrorProblem(route.slot.signature, shadow.signature)
  if (problem !== undefined) {
    const message = `${problem}: it cannot answer the requests for version ${route.version}; deploy it without a shadow`
    return { ok: false, code: 'shadow_signature_differs', message }
  }
  const made = createMirror(route.slot, shadow, { share, tolerance })
  replaceRoute(host, name, { ...route, shadow: { slotName: slot, mirror: made } })
  return { ok: true }
}

async function unload(host: Hosted, name: string): Promise<HostResult> {
  const slot = host.slots.get(name)
  if (slot === undefined) return slotUnknown(name)
  const route = [...host.routes].find(([, { slotName }]) => slotName === name)
  if (route !== undefined) {
    return { ok: false, code: 'slot_in_use', message: `slot ${name} serves ${route[0]}: deactivate it first` }
  }
  for (const [model, { shadow, ...mirrored }] of host.routes) {
    if (shadow?.slotName === name) replaceRoute(host, model, mirrored)
  }
  host.slots.delete(name)
  if (await slot.close()) return { ok: true }
  return { ok: false, code: 'slot_stuck', message: `a run in slot ${name} does not end: restart the process` }
}

async function infer(
  host: Hosted,
  { name, version }: { name: string; version: string | undefined },
  request: InferRequest,
  signal: AbortSignal,
): Promise<InferResult> {
  const route = host.routes.get(name)
  if (route === undefined) return fail('model_unknown', `model '${name}' is not served here`)
  if (version !== undefined && version !== route.version) {
    return fail('version_unknown', `model '${name}' is served in version ${route.version}, not ${version}`)
  }
  const fitted = fitRequest(route.slot.signature, request)
  if (!fitted.ok) return fitted
  const mirror = route.shadow?.mirror
  const copy = mirror?.take(fitted)
  const seen = { name, version: route.version }
  const isWatched = host.watch?.inputs({ ...seen, tensors: fitted.inputs, rows: fitted.rows })
  const { id, subject, flow } = request
  const capture = host.capture?.begin({ ...seen, tensors: fitted.inputs, rows: fitted.rows, id, subject, flow })
  const watchOutputs = (tensors: readonly RawTensor[]) => {
    if (isWatched) host.watch?.outputs({ ...seen, tensors, rows: fitted.rows })
  }
  const undeliverable = (outputs: readonly RawTensor[]) => {
    const refusal = request.undeliverable?.(outputs)
    // A monitor also counts the NaN that the caller cannot get.
    if (refusal) watchOutputs(outputs)
    return refusal
  }
  const result = await route.slot.infer({ ...fitted, undeliverable }, request.timeoutUs ?? 0, signal)
  mirror?.answered(copy, result)
  if (!result.ok) return result
  watchOutputs(result.outputs)
  capture?.(result.outputs)
  return { ok: true, ...seen, outputs: result.outputs }
}

function stats(host: Hosted): SlotStatistics[] {
  const routes = [...host.routes]
  return [...host.slots].map(([name, slot]) => {
    const route = routes.find(([, { slotName }]) => slotName === name)
    return {
      slot: name,
      name: route?.[0],
      version: route?.[1].version,
      state: slot.state(),
      pending: slot.pending(),
      longestRunMs: slot.longestRunMs(),
      statistics: slot.statistics,
      scale: slot.scale(),
      mirror: routes.find(([, { shadow }]) => shadow?.slotName === name)?.[1].shadow?.mirror.statistics,
    }
  })
}

const slotUnknown = (slot: string) =>
  ({ ok: false, code: 'slot_unknown', message: `slot ${slot} holds no model` }) as const
