/** Look request: the current state of a flow or a source of the runner, with the waiting values of the flow's sinks. */
import type { LookSubject } from '@skerry/contract/devices/device-command'
import type { FlowSink } from '@skerry/contract/flows/flow'
import type { Look } from '@skerry/contract/hub/look'
import type { Clock } from '@skerry/platform/process/clock'
import type { FlowSlots } from '../flows/flow-slots.ts'
import type { RunnerAnswer } from '../runner-message.ts'
import type { SinkFleet } from './sink-fleet.ts'
import { lookAtSource } from './source-look.ts'
import type { Sources } from './source-request.ts'

export type LookRequest = { kind: 'look'; at: LookSubject }

export type Looked = {
  clock: Pick<Clock, 'nowMs'>
  flows: Pick<FlowSlots, 'look'>
  sources: Sources
  sinks: Pick<SinkFleet, 'look'>
}

/** Carries out one look request. */
export async function obeyLook({ at }: LookRequest, it: Looked): Promise<RunnerAnswer> {
  if (at.kind === 'source') {
    await it.sources.fleet.settledSource(at.name)
    return lookAtSource(at, it.sources, it.clock.nowMs())
  }
  const seen = await it.flows.look(at.name)
  if (!seen) return { ok: false, code: 'flow_unknown', message: `the device does not run the flow ${at.name} now` }
  const { flow, sinks, ...look } = seen
  const said: Look = {
    kind: 'flow',
    name: flow,
    ...look,
    atMs: Math.floor(it.clock.nowMs()),
    queues: queuesOf(sinks, it.sinks),
  }
  return { ok: true, said }
}

/** Each sink once. Equipment has no queue, and neither has a sink that is not set up here. */
function queuesOf(sinks: readonly FlowSink[], fleet: Pick<SinkFleet, 'look'>) {
  const places = new Map(
    sinks.flatMap((sink) => (sink.kind === 'tag' ? [] : [[sink.kind === 'hub' ? 'hub' : `sink ${sink.sink}`, sink]])),
  )
  return [...places.values()].flatMap((sink) => fleet.look(sink) ?? [])
}
