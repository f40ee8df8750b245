/** Monitored: a hub with a monitored model, a deployment of it, and devices that send windows. */
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { type MonitorWindow, ReferenceProfile, WINDOW_SIGNAL } from '@skerry/contract/monitors/profile'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { countsOf } from '@skerry/core/monitors/bins'
import { sweepMonitors } from '../../src/monitors/monitor-sweep.ts'
import { takeTelemetry } from '../../src/telemetry/take-telemetry.ts'
import { addDevices, type FleetDevice } from '../stage/fleet/fleet-records.ts'
import { runModel } from '../stage/fleet/runs-model.ts'
import type { TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const ROWS = 600
const WINDOW_MS = 300_000

const valuesOf = (shift: number) => Array.from({ length: ROWS }, (_, at) => ((at * 0.618_033_988_7) % 1) + shift)

const tensorOf = (values: readonly number[]) => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})

/** The model `m` with two versions, the second of which is deployed and has a reference profile. */
export async function monitoredModel(
  hub: TestHub,
): Promise<{ organisationId: OrganisationId; devices: FleetDevice[] }> {
  const golden = { golden: { cases: [{ inputs: { x: tensorOf(valuesOf(0)) } }] } }
  const parts = { inputs: [FLOATS('x')], outputs: [FLOATS('y')] }
  await push(hub, 'm', modelBytes({ ...unary('Abs'), ...parts }), golden)
  await push(hub, 'm', modelBytes({ ...unary('Relu'), ...parts }), golden)
  await hub.ask('PUT', '/v1/models/m/versions/2/profile', { body: {} })
  const { store, ids, clock } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const place = { store, ids, organisationId, clock: { ms: clock.nowMs() } }
  const bremen = await addDevices({ ...place, devices: [] }, 1, { site: 'bremen', labels: { line: '1' } })
  const hamburg = await addDevices({ ...place, devices: bremen }, 1, { site: 'hamburg', labels: { line: '2' } })
  const devices = [...bremen, ...hamburg]
  await runModel(hub.hub, devices, { organisationId, name: 'm', version: 2 })
  await deploy(hub, '1')
  await deploy(hub, '2')
  return { organisationId, devices }
}

const FLOATS = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] })

async function deploy(hub: TestHub, version: string): Promise<void> {
  const { status, text } = await hub.ask('PUT', '/v1/deployments/m', { body: { deployable: 'm', version } })
  if (status >= 300) throw new Error(text)
}

export type Rules = {
  actions?: object[]
  cohorts?: string[]
  alertmanager?: string
  reference?: string
  quietTimes?: object[]
}

/** Sets the monitor of `m`. */
export const setMonitor = (hub: TestHub, rules: Rules = {}) =>
  hub.ask<Monitor>('PUT', '/v1/monitors/m', { body: { spec: { drift: {}, missing: {}, ...rules } } })

export const monitorOf = async (hub: TestHub): Promise<Monitor> =>
  (await hub.ask<Monitor>('GET', '/v1/monitors/m')).body

let sent = 0

/** Each device sends one window of 600 rows, moved by its own shift. Then the hub judges. */
export async function sendWindows(
  hub: TestHub,
  { organisationId, devices }: { organisationId: OrganisationId; devices: readonly FleetDevice[] },
  shifts: readonly number[],
): Promise<void> {
  const path = '/v1/models/m/versions/2/profile'
  const profile = ReferenceProfile.parse((await hub.ask('GET', path)).body)
  const { digest } = await hub.hub.store.db
    .selectFrom('version_profiles')
    .select('digest')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  const startMs = Math.floor((hub.hub.clock.nowMs() - 60_000) / WINDOW_MS) * WINDOW_MS
  sent += 1
  for (const [at, shift] of shifts.entries()) {
    const device = devices[at]
    if (!device) throw new Error(`there is no device ${at}`)
    const values = valuesOf(shift)
    const counts = profile.features.map(({ edges }) => countsOf(edges, values))
    const window: MonitorWindow = {
      v: 1,
      model: 'm',
      version: 2,
      profile: digest,
      startMs,
      endMs: startMs + WINDOW_MS,
      rows: ROWS,
      counted: ROWS,
      features: counts,
    }
    await takeTelemetry(
      hub.hub,
      { deviceId: device.id, organisationId },
      {
        stream: '0123456789abcdef',
        lane: 'bulk',
        first: sent,
        values: [{ signal: `${WINDOW_SIGNAL}m`, eventTimeMs: startMs, quality: 'good', value: JSON.stringify(window) }],
      },
    )
  }
  await sweepMonitors(hub.hub)
}
