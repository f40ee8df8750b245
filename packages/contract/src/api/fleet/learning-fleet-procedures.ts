/** Procedures on learning fleets: each of several machines learns a detector of its own. */
import * as z from 'zod'
import { LearningFleet, LearningFleetSpec, LearningFleetUndone } from '../../learning/learning-fleet.ts'
import { LeftOutTimes } from '../../learning/mark.ts'
import { Name, Page, pageOf, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const learningFleetProcedures = {
  listFleets: procedure({
    method: 'GET',
    path: '/v1/learning-fleets',
    access: 'learning.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the orders by which each of several machines learns, with a count of each phase, the newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(LearningFleet)),
  getFleet: procedure({
    method: 'GET',
    path: '/v1/learning-fleets/{name}',
    access: 'learning.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the state of each machine of an order, and the devices that were left out with their reasons',
    errors: ['learning_fleet_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(LearningFleet),
  startFleet: procedure({
    method: 'POST',
    path: '/v1/learning-fleets',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary: 'Start a learning on each selected device: each gets a detector, an alarm and a deployment of its own',
    errors: ['selector_invalid', 'learning_exists', 'learning_refused'],
  })
    .input(z.strictObject({ spec: LearningFleetSpec, leaveOut: LeftOutTimes.optional() }))
    .output(LearningFleet),
  cancelFleet: procedure({
    method: 'POST',
    path: '/v1/learning-fleets/{name}/cancel',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary: 'Cancel the learnings of an order that are under way; published detectors stay',
    errors: ['learning_fleet_unknown', 'learning_over'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(LearningFleet),
  undoFleet: procedure({
    method: 'POST',
    path: '/v1/learning-fleets/{name}/undo',
    access: 'learning.write',
    scope: 'none',
    approval: 'none',
    summary: 'Cancel an order, and take its detectors and alarms off their devices; their versions stay',
    errors: ['learning_fleet_unknown', 'learning_refused'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(LearningFleetUndone),
}
