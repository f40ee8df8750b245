/** Procedures on monitors of models, and on the reference profiles that they compare with. */
import * as z from 'zod'
import { VersionReference } from '../models/model.ts'
import { Monitor, MonitorSpec, ProfileSummary, StabilitySeries } from '../monitors/monitor.ts'
import { ReferenceProfile } from '../monitors/profile.ts'
import { ProfileRows } from '../monitors/profile-rows.ts'
import { InstantMs, Name, Page, pageOf } from '../values/names.ts'
import { procedure } from './procedure.ts'

const version = { name: Name, version: VersionReference }
const unknown = ['model_unknown', 'version_unknown', 'alias_unknown'] as const

export const monitorProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/monitors',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List monitors with the state of each version that devices run',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(Monitor)),
  get: procedure({
    method: 'GET',
    path: '/v1/monitors/{name}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a monitor, with the verdict on each feature',
    errors: ['monitor_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(Monitor),
  set: procedure({
    method: 'PUT',
    path: '/v1/monitors/{name}',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Declare the monitor of a model; devices begin to count at once',
    errors: ['model_unknown', 'monitor_refused'],
  })
    .input(z.strictObject({ name: Name, spec: MonitorSpec.omit({ model: true }) }))
    .output(Monitor),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/monitors/{name}',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Remove a monitor; devices stop counting, and windows are removed as they grow old',
    errors: ['monitor_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({})),
  series: procedure({
    method: 'GET',
    path: '/v1/monitors/{name}/series',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show how far each feature of a version was from its reference, over time',
    errors: ['monitor_unknown'],
  })
    .input(
      z.strictObject({
        name: Name,
        /** The newest version with a reference profile if absent. */
        version: z.coerce.number<number | string>().int().min(1).optional(),
        fromMs: z.coerce.number<number | string>().pipe(InstantMs).optional(),
        toMs: z.coerce.number<number | string>().pipe(InstantMs).optional(),
      }),
    )
    .output(StabilitySeries),
}

export const profileProcedures = {
  make: procedure({
    method: 'PUT',
    path: '/v1/models/{name}/versions/{version}/profile',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Make the reference profile of a version, from given rows or from its golden cases',
    errors: [...unknown, 'version_not_model', 'profile_refused'],
  })
    .input(z.strictObject({ ...version, data: ProfileRows.optional() }))
    .output(ProfileSummary),
  get: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/profile',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show the reference profile of a version',
    errors: [...unknown, 'profile_unknown'],
  })
    .input(z.strictObject(version))
    .output(ReferenceProfile),
}
