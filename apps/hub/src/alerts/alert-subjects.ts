/** Alert subjects: the alarms, sources and sinks that an alert stands for now, the oldest first. */
import { AlertCode, ANSWERABLE_CODES } from '@skerry/contract/alerts/alert'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { alarmsOfAlert } from '@skerry/core/alerts/process-alarm'
import type { DownState } from '../connections/connection-states.ts'
import { problem } from '../http/problem.ts'
import type { Db } from '../store/store.ts'
import type { AlertSubject } from './answer-store.ts'
import { downSubjects } from './down-connections.ts'
import { raisedAlarms } from './raised-alarms.ts'

type AnsweredSubject = AlertSubject & { isShelved: boolean }

type Wish = { organisationId: OrganisationId; nowMs: number; alert: string; mayReadConnections: boolean }

/** Throws if there is no such alert now, or if a person cannot answer it. */
export async function alertSubjects(db: Db, { alert, ...wish }: Wish): Promise<AnsweredSubject[]> {
  const [head = ''] = alert.split(':')
  const code = AlertCode.safeParse(head)
  if (!code.success) throw problem('alert_unknown')
  if (!ANSWERABLE_CODES.has(code.data)) throw problem('alert_not_answerable')
  const subjects = await subjectsOf(db, code.data, { alert, ...wish })
  if (subjects.length === 0) throw problem('alert_unknown')
  return subjects
}

async function subjectsOf(db: Db, code: AlertCode, wish: Wish): Promise<AnsweredSubject[]> {
  if (code === 'process_alarm') {
    const alarms = alarmsOfAlert(await raisedAlarms(db, wish), wish.alert)
    return alarms.map(({ deviceId, signal, sinceMs, answer }) => ({
      deviceId,
      kind: 'alarm',
      name: signal,
      sinceMs,
      isShelved: answer?.state === 'shelved',
    }))
  }
  if (!wish.mayReadConnections) return []
  const kind = code === 'sources_down' ? 'source' : 'sink'
  const state = stateIn(wish.alert.slice(code.length))
  if (state === undefined) return []
  const subjects = await downSubjects(db, wish, { kind, state })
  return subjects.map((subject) => ({ ...subject, isShelved: state === 'shelved' }))
}

/** The end of the id names the kind of answer. */
function stateIn(end: string): DownState | undefined {
  if (end === '') return 'open'
  if (end === ':acknowledged' || end === ':shelved') return end === ':shelved' ? 'shelved' : 'acknowledged'
  return undefined
}
