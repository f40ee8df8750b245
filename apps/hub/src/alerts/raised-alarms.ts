/**
 * Raised alarms: the alarms that flows of the organisation raise now. A signal counts if the flow that serves on the
 * device declares it as an alarm, so that an alarm ends with its flow.
 */
import { Flow } from '@skerry/contract/flows/flow'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { answerOf } from '@skerry/core/alerts/alert-answers'
import type { AlarmFact } from '@skerry/core/alerts/process-alarm'
import { type AlarmSignal, alarmSignalsOf } from '@skerry/core/flow/alarm-signals'
import { fromJson } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'
import { alarmAnswers } from './answer-store.ts'
import { type GroupWish, MEMBERS } from './device-groups.ts'

/** A power failure raises hundreds of alarms. The alerts name only the first of them. */
const RAISED_MAX = 1_000

/** A raised alarm of a device. */
export type RaisedAlarm = AlarmFact & { deviceId: DeviceId }

/** The oldest first. */
export async function raisedAlarms(db: Db, { organisationId, nowMs }: GroupWish): Promise<RaisedAlarm[]> {
  const alarms = await alarmsOfServed(db, organisationId)
  const signals = [...new Set([...alarms.values()].flat().map(({ signal }) => signal))]
  if (signals.length === 0) return []
  // Only these: a signal of a flow that is gone stays raised, and must not hide an alarm behind the limit.
  const raised = await raisedSignals(db, { organisationId, nowMs }, signals)
  if (raised.length === 0) return []
  const devices = [...new Set(raised.map(({ deviceId }) => deviceId))]
  const answers = await alarmAnswers(db, organisationId, devices)
  const declared = await declaredAlarms(db, alarms, devices)
  const found = raised.flatMap((row) => {
    const alarm = declared.get(`${row.deviceId} ${row.signal}`)
    return alarm ? [{ row, alarm }] : []
  })
  const reasons = await textsOf(
    db,
    found.flatMap(({ row, alarm }) => alarm.texts.map(({ signal }) => ({ deviceId: row.deviceId, signal }))),
  )
  return found.map(({ row, alarm }) => ({
    ...alarm,
    answer: answerOf(answers.get(`${row.deviceId} ${row.signal}`) ?? {}, { sinceMs: Number(row.sinceMs), nowMs }),
    deviceId: row.deviceId,
    device: row.device,
    site: row.site,
    sinceMs: Number(row.sinceMs),
    isSilent: row.staleAtMs === null || row.staleAtMs < nowMs,
    source: row.source ?? undefined,
    tag: row.tag ?? undefined,
    reasons: Object.fromEntries(
      alarm.texts.flatMap(({ signal }) => {
        const text = reasons.get(`${row.deviceId} ${signal}`)
        return text === undefined ? [] : [[signal, text]]
      }),
    ),
  }))
}

const raisedSignals = (db: Db, { organisationId }: GroupWish, signals: readonly string[]) =>
  db
    .selectFrom('telemetry_signals as held')
    .innerJoin('devices', 'devices.id', 'held.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_reports', 'device_reports.device_id', 'held.device_id')
    .select(['held.device_id as deviceId', 'held.signal', 'held.source', 'held.tag', 'held.raised_at_ms as sinceMs'])
    .select(['devices.name as device', 'sites.name as site', 'device_reports.stale_at_ms as staleAtMs'])
    .where('held.organisation_id', '=', organisationId)
    .where('held.raised_at_ms', 'is not', null)
    .where('held.signal', 'in', padded(signals))
    .where('devices.status', 'in', MEMBERS)
    .orderBy('held.raised_at_ms')
    .orderBy('devices.name')
    .orderBy('held.signal')
    .limit(RAISED_MAX)
    .execute()

/** By `name:version`: the alarms of each flow that serves on a device of the organisation. */
async function alarmsOfServed(db: Db, organisationId: OrganisationId): Promise<ReadonlyMap<string, AlarmSignal[]>> {
  const versions = await db
    .selectFrom('versions')
    .select(['name', 'version', 'summary'])
    .where('organisation_id', '=', organisationId)
    .where('kind', '=', 'flow')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('device_items as item')
          .select('item.device_id')
          .whereRef('item.organisation_id', '=', 'versions.organisation_id')
          .where('item.kind', '=', 'flow')
          .whereRef('item.name', '=', 'versions.name')
          .whereRef('item.serving_version', '=', 'versions.version'),
      ),
    )
    .execute()
  return new Map(
    versions.map(({ name, version, summary }) => [`${name}:${version}`, alarmSignalsOf(Flow.parse(fromJson(summary)))]),
  )
}

/** By device and signal: the alarms of the flows that serve on these devices. */
async function declaredAlarms(
  db: Db,
  alarms: ReadonlyMap<string, AlarmSignal[]>,
  devices: readonly DeviceId[],
): Promise<ReadonlyMap<string, AlarmSignal>> {
  const serving = await db
    .selectFrom('device_items')
    .select(['device_id', 'name', 'serving_version'])
    .where('device_id', 'in', padded(devices))
    .where('kind', '=', 'flow')
    .where('serving_version', 'is not', null)
    .execute()
  return new Map(
    serving.flatMap(({ device_id, name, serving_version }) =>
      (alarms.get(`${name}:${serving_version}`) ?? []).map((alarm) => [`${device_id} ${alarm.signal}`, alarm] as const),
    ),
  )
}

async function textsOf(
  db: Db,
  wanted: readonly { deviceId: DeviceId; signal: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return new Map()
  const rows = await db
    .selectFrom('telemetry_signals')
    .select(['device_id', 'signal', 'newest_text'])
    .where('device_id', 'in', padded([...new Set(wanted.map(({ deviceId }) => deviceId))]))
    .where('signal', 'in', padded([...new Set(wanted.map(({ signal }) => signal))]))
    .where('newest_text', 'is not', null)
    .execute()
  return new Map(rows.map(({ device_id, signal, newest_text }) => [`${device_id} ${signal}`, newest_text ?? '']))
}
