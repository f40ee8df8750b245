/**
 * Connection states: the state of each source and sink on each device, from its newest report, and sums of them. A list
 * reads the sums, so that its cost depends on its connections and not on the whole reports of devices.
 */
import type {
  ConnectionKind,
  ConnectionReports,
  ConnectionState,
  ConnectionStatus,
} from '@skerry/contract/connections/connection'
import type { ConnectionId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { HeldPlace } from '../held/held-document.ts'
import { padded } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ConnectionStateTable } from '../store/tables/connection-tables.ts'

type Started = { connectionId: ConnectionId; status: ConnectionStatus }

/** The states in which no values pass, although they should. */
export const TROUBLE_STATES = [
  'down',
  'crashed',
  'quarantined',
  'refused',
] as const satisfies readonly ConnectionState[]

/** Stores the states that the device reports now. It writes only the rows that have changed. */
export async function keepStates(
  tx: Tx,
  { deviceId, organisationId }: HeldPlace,
  started: readonly Started[],
): Promise<void> {
  const known = await tx.selectFrom('connection_states').selectAll().where('device_id', '=', deviceId).execute()
  const before = new Map(known.map((row) => [keyOf(row), row]))
  for (const { connectionId, status } of started) {
    const row = {
      organisation_id: organisationId,
      device_id: deviceId,
      kind: status.kind,
      name: status.name,
      ...stateOf(connectionId, status),
    }
    const stored = before.get(keyOf(row))
    before.delete(keyOf(row))
    if (stored && isEqual(stored, row)) continue
    await tx
      .insertInto('connection_states')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['device_id', 'kind', 'name']).doUpdateSet(stateOf(connectionId, status)),
      )
      .execute()
  }
  for (const { kind, name } of before.values()) {
    await tx
      .deleteFrom('connection_states')
      .where('device_id', '=', deviceId)
      .where('kind', '=', kind)
      .where('name', '=', name)
      .execute()
  }
}

const keyOf = ({ kind, name }: Pick<ConnectionStateTable, 'kind' | 'name'>) => `${kind} ${name}`

type StateColumns = Omit<ConnectionStateTable, 'organisation_id' | 'device_id' | 'kind' | 'name'>

const stateOf = (connectionId: ConnectionId, { state, sinceMs, cause, figures }: ConnectionStatus): StateColumns => ({
  connection_id: connectionId,
  state,
  since_ms: sinceMs,
  message: cause?.message ?? null,
  values_per_second: figures?.valuesPerSecond ?? 0,
})

const isEqual = (one: StateColumns, other: StateColumns) =>
  one.connection_id === other.connection_id &&
  one.state === other.state &&
  one.since_ms === other.since_ms &&
  one.message === other.message &&
  one.values_per_second === other.values_per_second

/** A connection that no device has reported. */
export const NO_REPORTS: ConnectionReports = { states: {}, silent: 0, valuesPerSecond: 0 }

/** The sums of the reports on these connections. A connection without reports has no entry. */
export async function reportsOn(
  db: Db,
  ids: readonly ConnectionId[],
  nowMs: number,
): Promise<Map<ConnectionId, ConnectionReports>> {
  const reports = new Map<ConnectionId, ConnectionReports>()
  for (const { id, state, isOnline, count, rate } of await sumsOn(db, ids, nowMs)) {
    const { states, silent, valuesPerSecond } = reports.get(id) ?? NO_REPORTS
    const sum = isOnline
      ? { states: { ...states, [state]: count }, silent, valuesPerSecond: valuesPerSecond + rate }
      : { states, silent: silent + count, valuesPerSecond }
    reports.set(id, sum)
  }
  for (const { id, ...trouble } of await troublesOn(db, ids, nowMs)) {
    const known = reports.get(id)
    if (known && known.trouble === undefined) reports.set(id, { ...known, trouble })
  }
  return reports
}

async function sumsOn(db: Db, ids: readonly ConnectionId[], nowMs: number) {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('connection_states as held')
    .leftJoin('device_reports as report', 'report.device_id', 'held.device_id')
    .select(({ eb, fn }) => [
      'held.connection_id as id',
      'held.state',
      eb.case().when('report.stale_at_ms', '>=', nowMs).then(1).else(0).end().as('isOnline'),
      fn.countAll<number>().as('count'),
      fn.sum<number | null>('held.values_per_second').as('rate'),
    ])
    .where('held.connection_id', 'in', padded(ids))
    .groupBy(['held.connection_id', 'held.state', 'isOnline'])
    .execute()
  return rows.map((row) => ({
    ...row,
    isOnline: Number(row.isOnline) === 1,
    count: Number(row.count),
    rate: Number(row.rate ?? 0),
  }))
}

/** The newest problem of each connection. Two of one time are both in the answer, in the order of the devices. */
async function troublesOn(db: Db, ids: readonly ConnectionId[], nowMs: number) {
  if (ids.length === 0) return []
  const newest = db
    .selectFrom('connection_states as held')
    .innerJoin('device_reports as report', 'report.device_id', 'held.device_id')
    .select(({ fn }) => ['held.connection_id', fn.max<number>('held.since_ms').as('since_ms')])
    .where('held.connection_id', 'in', padded(ids))
    .where('held.state', 'in', TROUBLE_STATES)
    .where('report.stale_at_ms', '>=', nowMs)
    .groupBy('held.connection_id')
    .as('newest')
  const rows = await db
    .selectFrom('connection_states as held')
    .innerJoin(newest, (join) =>
      join.onRef('newest.connection_id', '=', 'held.connection_id').onRef('newest.since_ms', '=', 'held.since_ms'),
    )
    .innerJoin('device_reports as report', 'report.device_id', 'held.device_id')
    .innerJoin('devices', 'devices.id', 'held.device_id')
    .select(['held.connection_id as id', 'devices.name as device', 'held.state', 'held.since_ms', 'held.message'])
    .where('held.state', 'in', TROUBLE_STATES)
    .where('report.stale_at_ms', '>=', nowMs)
    .orderBy('devices.name')
    .execute()
  return rows.map(({ id, device, state, since_ms, message }) => ({
    id,
    device,
    state,
    sinceMs: Number(since_ms),
    ...(message !== null && { message }),
  }))
}

type DownWish = {
  organisationId: OrganisationId
  nowMs: number
  kind: ConnectionKind
  states: readonly ConnectionState[]
  /** Only those that have been in the state since before this time. */
  beforeMs: number
  /** Only those that have come into the state since this time. */
  fromMs?: number
  /** Only those with this kind of answer of a person. */
  answered?: DownState
}

/** Whether a person has answered the occurrence. Shelving counts more than an acknowledgement. */
export type DownState = 'open' | 'acknowledged' | 'shelved'

/** Those in such a state on devices that report now, the oldest first, at most `limit`. */
export const listDown = (db: Db, wish: DownWish, limit: number) =>
  downIn(db, wish)
    .select(['held.device_id as deviceId', 'held.name', 'devices.name as device', 'held.since_ms as sinceMs'])
    .select(['held.message', 'answer.acknowledged_since_ms', 'answer.acknowledged'])
    .select(['answer.shelved_until_ms', 'answer.shelved'])
    .orderBy('held.since_ms')
    .orderBy('devices.name')
    .orderBy('held.name')
    .limit(limit)
    .execute()

/** The number of all that `listDown` would list. */
export async function countDown(db: Db, wish: DownWish): Promise<number> {
  const { count } = await downIn(db, wish)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** For scopes: the devices of `countDown`, one entry for each connection. */
export async function devicesDown(db: Db, wish: DownWish): Promise<DeviceId[]> {
  const rows = await downIn(db, wish).select('held.device_id').execute()
  return rows.map(({ device_id }) => device_id)
}

/** Devices in quarantine have an alert of their own. */
const MEMBERS = ['active', 'conflict-paused'] as const

const downIn = (db: Db, { organisationId, nowMs, kind, states, beforeMs, fromMs = 0, answered }: DownWish) =>
  db
    .selectFrom('connection_states as held')
    .innerJoin('device_reports as report', 'report.device_id', 'held.device_id')
    .innerJoin('devices', 'devices.id', 'held.device_id')
    .leftJoin('alert_answers as answer', (join) =>
      join
        .onRef('answer.device_id', '=', 'held.device_id')
        .onRef('answer.kind', '=', 'held.kind')
        .onRef('answer.name', '=', 'held.name'),
    )
    .where('held.organisation_id', '=', organisationId)
    .where('held.state', 'in', states)
    .where('held.kind', '=', kind)
    .where('held.since_ms', '<=', beforeMs)
    .where('held.since_ms', '>=', fromMs)
    .where('report.stale_at_ms', '>=', nowMs)
    .where('devices.status', 'in', MEMBERS)
    .$if(answered !== undefined, (select) =>
      select.where(({ eb }) => {
        const state = eb
          .case()
          .when('answer.shelved_until_ms', '>', nowMs)
          .then('shelved')
          .when('answer.acknowledged_since_ms', '=', eb.ref('held.since_ms'))
          .then('acknowledged')
          .else('open')
          .end()
        return eb(state, '=', answered ?? 'open')
      }),
    )
