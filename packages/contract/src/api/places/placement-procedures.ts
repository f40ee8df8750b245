/** Procedures on the placement policies of deployments. */
import * as z from 'zod'
import { PlacementDecision, WhatIf, WhatIfAnswer } from '../../places/placement.ts'
import { Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const placementProcedures = {
  explain: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/placement',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'Show which devices the placement policy of a deployment picks, and why not the others',
    errors: ['deployment_unknown', 'placement_missing'],
  })
    .input(z.strictObject({ deployment: Name }))
    .output(PlacementDecision),
  whatIf: procedure({
    method: 'POST',
    path: '/v1/deployments/{deployment}/placement/what-if',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    isReadOnly: true,
    summary: 'Show which devices would gain or lose a replica if the world changed, without a change',
    errors: ['deployment_unknown', 'placement_missing', 'site_unknown', 'class_unknown'],
  })
    .input(z.strictObject({ deployment: Name, change: WhatIf }))
    .output(WhatIfAnswer),
}
