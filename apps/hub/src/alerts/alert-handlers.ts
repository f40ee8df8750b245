/** Handlers of the procedures on alerts: people acknowledge and shelve the alerts about equipment. */
import { judgeAccess } from '@skerry/core/people/access'
import type { AuditNote, KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Tx } from '../store/store.ts'
import { alertSubjects } from './alert-subjects.ts'
import { type AlertSubject, acknowledgeSubjects, shelveSubjects, unshelveSubjects } from './answer-store.ts'

export const alertHandlers = {
  acknowledge: os.alert.acknowledge.handler(({ context, input: { alert, comment, seen } }) =>
    context.change(async (tx, note) => {
      const subjects = await found(context, tx, alert)
      if (seen && subjects[0]?.sinceMs !== seen.sinceMs) throw problem('alert_changed')
      // The oldest: the caller has not seen an occurrence that began later.
      const acknowledged = subjects.slice(0, seen?.count)
      const given = { ...givenBy(context), ...(comment !== undefined && { comment }) }
      await acknowledgeSubjects(tx, { ...placeOf(context), subjects: acknowledged, given })
      describe(note, alert, acknowledged, { ...(comment !== undefined && { comment }) })
      return { alert, acknowledged: acknowledged.length }
    }),
  ),
  shelve: os.alert.shelve.handler(({ context, input: { alert, seconds, reason } }) =>
    context.change(async (tx, note) => {
      const subjects = await found(context, tx, alert)
      const given = givenBy(context)
      const untilMs = given.atMs + seconds * 1_000
      await shelveSubjects(tx, { ...placeOf(context), subjects, given: { ...given, comment: reason }, untilMs })
      describe(note, alert, subjects, { reason, untilMs })
      return { alert, shelved: subjects.length, untilMs }
    }),
  ),
  unshelve: os.alert.unshelve.handler(({ context, input: { alert } }) =>
    context.change(async (tx, note) => {
      const subjects = (await found(context, tx, alert)).filter(({ isShelved }) => isShelved)
      if (subjects.length === 0) throw problem('alert_not_shelved')
      await unshelveSubjects(tx, { ...placeOf(context), subjects })
      describe(note, alert, subjects, {})
      return { alert, unshelved: subjects.length }
    }),
  ),
}

const placeOf = ({ organisationId }: KeyCall) => ({ organisationId })

const givenBy = ({ caller, hub }: KeyCall) => ({ by: caller.name, atMs: hub.clock.nowMs() })

const found = ({ hub, organisationId, caller }: KeyCall, tx: Tx, alert: string) =>
  alertSubjects(tx, {
    organisationId,
    nowMs: hub.clock.nowMs(),
    alert,
    mayReadConnections: judgeAccess(caller, 'connection.read').ok,
  })

/** Subjects that the record names; the count gives the number of all. */
const NAMED_MAX = 20

function describe(
  note: AuditNote,
  alert: string,
  subjects: readonly AlertSubject[],
  detail: Record<string, unknown>,
): void {
  note.object = { kind: 'alert', id: alert.slice(0, 128) }
  const named = subjects.slice(0, NAMED_MAX).map(({ deviceId, name, sinceMs }) => ({ deviceId, name, sinceMs }))
  note.detail = { ...detail, count: subjects.length, subjects: named }
}
