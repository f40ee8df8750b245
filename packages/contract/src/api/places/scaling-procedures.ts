/** Procedures on the scaling policies of deployments. */
import * as z from 'zod'
import { ScalingDecision } from '../../scaling/scaling.ts'
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
}
