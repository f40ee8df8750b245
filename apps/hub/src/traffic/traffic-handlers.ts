/** Handlers of the procedures on traffic. */
import type { TrafficSeries, TrafficSpan } from '@skerry/contract/traffic/traffic'
import { DEVICE_STEP_MS, FLEET_STEP_MS } from '@skerry/core/traffic/parts'
import { axisOf, trafficPoints, versionTraffic } from '@skerry/core/traffic/points'
import { knownDevice } from '../devices/device-handlers.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { findModel } from '../models/version-store.ts'
import { rolloutsIn, visibleRollouts } from '../monitors/history/marked-rollouts.ts'
import { type PartOwner, partsIn } from './part-store.ts'

export const trafficHandlers = {
  model: os.traffic.model.handler(async ({ context, input }) => {
    const { hub, organisationId, scope } = context
    const { name, ...wish } = input
    if (!(await findModel(hub.store.db, { organisationId, name }))) throw problem('model_unknown')
    const owner = { deviceId: '' as const, organisationId, model: name }
    const series = await seriesOf(context, owner, { ...wish, shortestMs: FLEET_STEP_MS })
    // A caller with a scope learns of no device outside.
    return scope ? { ...series, points: series.points.map(({ slowest: _, ...point }) => point) } : series
  }),
  device: os.traffic.device.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { device, name, ...wish } = input
    const { id } = await knownDevice(hub.store.db, organisationId, device)
    return seriesOf(context, { deviceId: id, organisationId, model: name }, { ...wish, shortestMs: DEVICE_STEP_MS })
  }),
}

type Wish = { over: TrafficSpan; version?: number | undefined; shortestMs: number }

async function seriesOf(
  context: Pick<KeyCall, 'hub' | 'organisationId' | 'scope'>,
  owner: PartOwner,
  { over, version, shortestMs }: Wish,
): Promise<TrafficSeries> {
  const { clock, store } = context.hub
  const nowMs = clock.nowMs()
  const axis = axisOf(over, shortestMs, nowMs)
  const parts = await partsIn(store.db, { ...owner, ...axis, version })
  const { organisationId, model } = owner
  return {
    model,
    ...axis,
    points: trafficPoints(parts, axis, nowMs),
    versions: versionTraffic(parts, axis),
    rollouts: await visibleRollouts(context, await rolloutsIn(store.db, { organisationId, model, ...axis })),
  }
}
