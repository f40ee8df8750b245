/** Procedures on the scaling policies of deployments. */
import * as z from 'zod'
import { isTimeZone, TimeZone } from '../../deployments/update-window.ts'
import { ScalingDecision } from '../../scaling/scaling.ts'
import { ScheduleProposal } from '../../scaling/schedule-proposal.ts'
import { Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const scalingProcedures = {
  explain: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/scaling',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary:
      'Show how many workers and replicas a deployment has, the load that they follow, and the reason of each step',
    errors: ['deployment_unknown', 'scaling_missing'],
  })
    .input(z.strictObject({ deployment: Name }))
    .output(ScalingDecision),
  learn: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/scaling/schedule',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'Propose a schedule from the hours of the last week in which more workers or replicas were needed',
    errors: ['deployment_unknown', 'scaling_missing'],
  })
    .input(
      z.strictObject({
        deployment: Name,
        /** The hours and days of the schedule are in this zone. */
        timeZone: TimeZone.refine(isTimeZone, { error: 'must be an IANA time zone such as Europe/Berlin' }).default(
          'UTC',
        ),
      }),
    )
    .output(ScheduleProposal),
}
