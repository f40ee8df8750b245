/** Answer store: the acknowledged and shelved subjects of alerts: alarms of devices, and their sources and sinks. */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { StoredAnswers } from '@skerry/core/alerts/alert-answers'
import { fromJson, toJson } from '../store/json-column.ts'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { AlertAnswerTable, GivenAnswer } from '../store/tables/alerts/alert-tables.ts'

/** The subject of an alert, with the begin of its present occurrence. */
export type AlertSubject = { deviceId: DeviceId; kind: AlertAnswerTable['kind']; name: string; sinceMs: number }

/** By device and signal: the answers to the alarms of these devices. */
export async function alarmAnswers(
  db: Db,
  organisationId: OrganisationId,
  devices: readonly DeviceId[],
): Promise<ReadonlyMap<string, StoredAnswers>> {
  if (devices.length === 0) return new Map()
  const rows = await db
    .selectFrom('alert_answers')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('kind', '=', 'alarm')
    .where('device_id', 'in', padded(devices))
    .execute()
  return new Map(rows.map((row) => [`${row.device_id} ${row.name}`, storedAnswers(row)]))
}

type AnswerColumns = Pick<AlertAnswerTable, 'acknowledged_since_ms' | 'acknowledged' | 'shelved_until_ms' | 'shelved'>

/** The answers of one row. */
export const storedAnswers = (row: AnswerColumns): StoredAnswers => ({
  acknowledged: row.acknowledged
    ? { ...fromJson(row.acknowledged), sinceMs: Number(row.acknowledged_since_ms) }
    : undefined,
  shelved: row.shelved ? { ...fromJson(row.shelved), untilMs: Number(row.shelved_until_ms) } : undefined,
})

type Answering = { organisationId: OrganisationId; subjects: readonly AlertSubject[]; given: GivenAnswer }

/** Acknowledges the present occurrence of each subject. */
export const acknowledgeSubjects = (tx: Tx, { given, ...answering }: Answering) =>
  save(tx, answering, ({ sinceMs }) => ({ acknowledged_since_ms: sinceMs, acknowledged: toJson(given) }))

/** Shelves each subject until the time. */
export const shelveSubjects = (tx: Tx, { given, untilMs, ...answering }: Answering & { untilMs: number }) =>
  save(tx, answering, () => ({ shelved_until_ms: untilMs, shelved: toJson(given) }))

export const unshelveSubjects = (tx: Tx, answering: Omit<Answering, 'given'>) =>
  save(tx, answering, () => ({ shelved_until_ms: null, shelved: null }))

async function save(
  tx: Tx,
  { organisationId, subjects }: Omit<Answering, 'given'>,
  columnsOf: (subject: AlertSubject) => Partial<AnswerColumns>,
): Promise<void> {
  const none = { acknowledged_since_ms: null, acknowledged: null, shelved_until_ms: null, shelved: null }
  const rows = subjects.map((subject) => ({
    organisation_id: organisationId,
    device_id: subject.deviceId,
    kind: subject.kind,
    name: subject.name,
    ...none,
    ...columnsOf(subject),
  }))
  const [first] = subjects
  if (!first) return
  const changed = Object.keys(columnsOf(first)) as (keyof AnswerColumns)[]
  for (const piece of piecesOf(rows)) {
    await tx
      .insertInto('alert_answers')
      .values(piece)
      .onConflict((conflict) =>
        conflict
          .columns(['device_id', 'kind', 'name'])
          .doUpdateSet(({ ref }) => Object.fromEntries(changed.map((column) => [column, ref(`excluded.${column}`)]))),
      )
      .execute()
  }
}

/** Answers whose occurrence has ended, and whose time on the shelf has passed, say nothing any more. */
export async function sweepAnswers(tx: Tx, nowMs: number): Promise<void> {
  await tx
    .deleteFrom('alert_answers')
    .where(({ or, eb }) => or([eb('shelved_until_ms', 'is', null), eb('shelved_until_ms', '<=', nowMs)]))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('telemetry_signals as held')
            .select('held.device_id')
            .where('alert_answers.kind', '=', 'alarm')
            .whereRef('held.device_id', '=', 'alert_answers.device_id')
            .whereRef('held.signal', '=', 'alert_answers.name')
            .whereRef('held.raised_at_ms', '=', 'alert_answers.acknowledged_since_ms'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('connection_states as held')
            .select('held.device_id')
            .whereRef('held.device_id', '=', 'alert_answers.device_id')
            .whereRef('held.kind', '=', 'alert_answers.kind')
            .whereRef('held.name', '=', 'alert_answers.name')
            .whereRef('held.since_ms', '=', 'alert_answers.acknowledged_since_ms'),
        ),
      ),
    )
    .execute()
}
