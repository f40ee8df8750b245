/** Handlers of marks: a person decides about a time for the next learning of a name. No detector changes by it. */
import { isLearningOver, keptRowsOf, type Learning } from '@skerry/contract/learning/learning'
import { LEARNING_MARKS_MAX, type LeftOutTime, type MarkKind } from '@skerry/contract/learning/mark'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'
import { fleetNameOf } from './fleet/fleet-store.ts'
import { jointVersionsOf, knownLearning, learningOf } from './learning-store.ts'
import { deleteMark, insertMark, markOf, marksOf } from './mark-store.ts'

const placeOf = ({ organisation_id: organisationId, name, device_id: deviceId }: LearningTable) => ({
  organisationId,
  name,
  deviceId,
})

/** The learning with its marks and the order that it belongs to. */
export async function markedLearning({ hub }: Pick<KeyCall, 'hub'>, row: LearningTable): Promise<Learning> {
  const marks = await marksOf(hub.store.db, placeOf(row))
  const fleet = await fleetNameOf(hub.store.db, row)
  return {
    ...learningOf(row),
    ...(fleet !== undefined && { fleet, ...jointVersionsOf(row, fleet) }),
    marks: marks.slice(0, LEARNING_MARKS_MAX).map(markOf),
  }
}

export const markHandlers = {
  mark: os.learning.mark.handler(async ({ context, input: { name, kind, fromMs, toMs, reason } }) => {
    const { hub, organisationId } = context
    const row = await knownLearning(hub.store.db, { organisationId, name })
    refuseMark(row, { kind, toMs, nowMs: hub.clock.nowMs() })
    await context.change(async (tx, note) => {
      note.object.id = name
      note.detail = { kind, fromMs, toMs, reason }
      await addMark(tx, context, row, { kind, fromMs, toMs, reason })
    })
    publish(hub, row)
    return markedLearning(context, row)
  }),
  unmark: os.learning.unmark.handler(async ({ context, input: { name, mark } }) => {
    const { hub, organisationId } = context
    const row = await knownLearning(hub.store.db, { organisationId, name })
    await context.change(async (tx, note) => {
      note.object.id = name
      note.detail = { mark }
      if (!(await deleteMark(tx, placeOf(row), mark))) throw problem('learning_mark_unknown')
    })
    publish(hub, row)
    return markedLearning(context, row)
  }),
}

/** Inside the transaction that starts the learning. */
export async function leaveOutTimes(tx: Tx, call: KeyCall, row: LearningTable, times: readonly LeftOutTime[]) {
  for (const time of times) await addMark(tx, call, row, { kind: 'left-out', ...time })
}

async function addMark(
  tx: Tx,
  { hub, organisationId, caller }: KeyCall,
  row: LearningTable,
  { kind, fromMs, toMs, reason }: LeftOutTime & { kind: MarkKind },
): Promise<void> {
  const { name, device_id } = row
  if ((await marksOf(tx, placeOf(row))).length >= LEARNING_MARKS_MAX)
    throw problem(
      'learning_refused',
      `${name} has ${LEARNING_MARKS_MAX} marks; remove some, or learn anew without them`,
    )
  await insertMark(tx, {
    id: hub.ids.learningMark(),
    organisation_id: organisationId,
    name,
    device_id,
    kind,
    from_ms: fromMs,
    to_ms: toMs,
    reason,
    rows: null,
    created_at_ms: hub.clock.nowMs(),
    created_by: caller.name,
  })
}

type Marking = { kind: MarkKind; toMs: number; nowMs: number }

/** The clocks of a hub and of people differ by so much. */
const CLOCKS_APART_MS = 60_000

/** Throws with the reason why the mark could not count. */
function refuseMark(row: LearningTable, { kind, toMs, nowMs }: Marking): void {
  const refuse = (message: string) => problem('learning_refused', message)
  if (kind === 'left-out') {
    if (isLearningOver(row.phase))
      throw refuse(`the learning ${row.name} is over, so its rows cannot be left out; start it again`)
    return
  }
  // The device copies the rows once.
  if (toMs > nowMs + CLOCKS_APART_MS) throw refuse('the time is not over yet; mark it afterwards')
  if (row.model_version === null) throw refuse(`${row.name} has no detector yet, and so no alarm that could be normal`)
  if (keptRowsOf(fromJson(row.spec)) === 0)
    throw refuse(`the device keeps no rows for ${row.name}; start it again with a time to keep them`)
}

function publish(hub: KeyCall['hub'], { device_id: deviceId, organisation_id: organisationId }: LearningTable): void {
  hub.bus.publish('learning.ordered', deviceId)
  hub.bus.publish('learning.changed', organisationId)
}
