/** Procedures on learnings: a device learns the normal state of its tags, and the hub publishes a detector. */
import * as z from 'zod'
import { Learning, LearningSpec } from '../learning/learning.ts'
import { LeftOutTimes, MARK_MS_MAX, MarkKind } from '../learning/mark.ts'
import { LearningMarkId } from '../values/ids.ts'
import { InstantMs, Name, Page, pageOf, Reason } from '../values/names.ts'
import { procedure } from './procedure.ts'

export const learningProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/learnings',
    access: 'learning.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List learnings with their phase, the newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(Learning)),
  get: procedure({
    method: 'GET',
    path: '/v1/learnings/{name}',
    access: 'learning.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a learning: its progress, its candidates, and the detector that it published',
    errors: ['learning_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(Learning),
  start: procedure({
    method: 'POST',
    path: '/v1/learnings',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary: 'Start a learning: a device collects rows of its own tags and learns what is normal',
    errors: ['device_unknown', 'learning_exists', 'learning_refused'],
  })
    .input(z.strictObject({ spec: LearningSpec, leaveOut: LeftOutTimes.optional() }))
    .output(Learning),
  cancel: procedure({
    method: 'POST',
    path: '/v1/learnings/{name}/cancel',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary: 'Cancel a learning: the device deletes its rows, and nothing more is published or deployed',
    errors: ['learning_unknown', 'learning_over'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(Learning),
  mark: procedure({
    method: 'POST',
    path: '/v1/learnings/{name}/marks',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary:
      'Mark a time as normal or as left out, for the next learning of this name; running detectors stay as they are',
    errors: ['learning_unknown', 'learning_refused'],
  })
    .input(
      z
        .strictObject({
          name: Name,
          kind: MarkKind,
          fromMs: InstantMs,
          toMs: InstantMs,
          reason: Reason,
        })
        .refine(({ fromMs, toMs }) => toMs > fromMs && toMs - fromMs <= MARK_MS_MAX, {
          path: ['toMs'],
          error: 'must be after fromMs, by at most seven days',
        }),
    )
    .output(Learning),
  unmark: procedure({
    method: 'DELETE',
    path: '/v1/learnings/{name}/marks/{mark}',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary: 'Remove a mark: it does not count in the next learning, and the device deletes its rows',
    errors: ['learning_unknown', 'learning_mark_unknown'],
  })
    .input(z.strictObject({ name: Name, mark: LearningMarkId }))
    .output(Learning),
}
