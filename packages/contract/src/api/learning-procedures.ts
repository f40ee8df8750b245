/** Procedures on learnings: a device learns the normal state of its tags, and the hub publishes a detector. */
import * as z from 'zod'
import { Learning, LearningSpec } from '../learning/learning.ts'
import { Name, Page, pageOf, Reason } from '../values/names.ts'
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
    .input(z.strictObject({ spec: LearningSpec }))
    .output(Learning),
  cancel: procedure({
    method: 'POST',
    path: '/v1/learnings/{name}/cancel',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary: 'Cancel a learning: the device deletes its rows, and nothing is published',
    errors: ['learning_unknown', 'learning_over'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(Learning),
}
