/**
 * Down connections: the sources and sinks that are down, for so long that it is an alert or not yet. A quarantined or rejected one is no part of
 * it, because the device reports a condition for it.
 */
import type { NewlyDown } from '@skerry/contract/alerts/alert'
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { answerOf } from '@skerry/core/alerts/alert-answers'
import { type AlertFacts, type AnsweredDown, DOWN_MS, type DownGroup } from '@skerry/core/alerts/alert-facts'
import { countDown, type DownState, listDown } from '../connections/connection-states.ts'
import type { Db } from '../store/store.ts'
import { type AlertSubject, storedAnswers } from './answer-store.ts'
import type { GroupWish } from './device-groups.ts'

/** As many as an alert names. */
const NAMED_MAX = 5

const KINDS = ['source', 'sink'] as const

type DownFacts = Pick<AlertFacts, 'down' | 'answeredDown'>

/** The open ones, and the answered ones by the kind of their answer. */
export async function downConnections(db: Db, wish: GroupWish): Promise<DownFacts> {
  const answeredDown: AnsweredDown[] = []
  for (const kind of KINDS) {
    for (const state of ['acknowledged', 'shelved'] as const) {
      const { answer, ...group } = await downOf(db, wish, { kind, state })
      if (answer) answeredDown.push({ kind, answer, ...group })
    }
  }
  const { answer: _, ...source } = await downOf(db, wish, { kind: 'source', state: 'open' })
  const { answer: __, ...sink } = await downOf(db, wish, { kind: 'sink', state: 'open' })
  return { down: { source, sink }, answeredDown }
}

type Part = { kind: ConnectionKind; state: DownState }

const DOWN_STATES = ['down', 'crashed'] as const

const wishFor = ({ organisationId, nowMs }: GroupWish, { kind, state }: Part) => ({
  organisationId,
  nowMs,
  kind,
  states: DOWN_STATES,
  beforeMs: nowMs - DOWN_MS,
  answered: state,
})

async function downOf(
  db: Db,
  { organisationId, nowMs }: GroupWish,
  part: Part,
): Promise<DownGroup & { answer: AnsweredDown['answer'] | undefined }> {
  const wish = wishFor({ organisationId, nowMs }, part)
  const rows = await listDown(db, wish, NAMED_MAX)
  const [first] = rows
  if (!first) return { count: 0, oldest: [], answer: undefined }
  const oldest = rows.map(({ name, device, sinceMs, message }) => ({
    name,
    device,
    sinceMs: Number(sinceMs),
    ...(message !== null && { message }),
  }))
  const answer = answerOf(storedAnswers(first), { sinceMs: Number(first.sinceMs), nowMs })
  return { count: await countDown(db, wish), oldest, answer }
}

/** One answer covers the failure of a large switch. The rest of more than that stays open, and is answered again. */
const SUBJECTS_MAX = 10_000

/** The sources or sinks of an alert, the oldest first. */
export async function downSubjects(db: Db, wish: GroupWish, part: Part): Promise<AlertSubject[]> {
  const rows = await listDown(db, wishFor(wish, part), SUBJECTS_MAX)
  return rows.map(({ deviceId, name, sinceMs }) => ({ deviceId, kind: part.kind, name, sinceMs: Number(sinceMs) }))
}

/** The sources and sinks whose alert follows. A shelved one has no alert. */
export async function newlyDownConnections(db: Db, { organisationId, nowMs }: GroupWish): Promise<NewlyDown[]> {
  const found: NewlyDown[] = []
  for (const kind of KINDS) {
    // The clock of a device may be ahead of the hub's.
    const times = { fromMs: nowMs - DOWN_MS + 1, beforeMs: Number.MAX_SAFE_INTEGER }
    const wish = { organisationId, nowMs, kind, states: DOWN_STATES, ...times, answered: 'open' as const }
    const [first] = await listDown(db, wish, 1)
    if (!first) continue
    const { name, device } = first
    const sinceMs = Math.min(Number(first.sinceMs), nowMs)
    found.push({ kind, count: await countDown(db, wish), name, device, sinceMs, alertAtMs: sinceMs + DOWN_MS })
  }
  return found
}
