/** Procedures on monitors of models and sources, and on the reference profiles that they compare with. */
import * as z from 'zod'
import { VersionReference } from '../models/model.ts'
import { Monitor, MonitorSpec, ProfileSummary, StabilitySeries } from '../monitors/monitor.ts'
import { ReferenceProfile } from '../monitors/profile.ts'
import { ProfileRows } from '../monitors/profile-rows.ts'
import { MonitorSubject } from '../monitors/subject.ts'
import { InstantMs, Name, Page, pageOf, Reason } from '../values/names.ts'
import { procedure } from './procedure.ts'

const version = { name: Name, version: VersionReference }

/** A month: longer than that, the monitor should be removed. */
const MUTE_SECONDS_MAX = 30 * 86_400

const unknown = ['model_unknown', 'version_unknown', 'alias_unknown'] as const

const ruleProcedures = {
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
    .input(z.strictObject({ name: MonitorSubject }))
    .output(Monitor),
  set: procedure({
    method: 'PUT',
    path: '/v1/monitors/{name}',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Declare the monitor of a model or source; devices begin to count at once',
    errors: ['model_unknown', 'monitor_refused'],
  })
    .input(z.strictObject({ name: MonitorSubject, spec: MonitorSpec.omit({ model: true }) }))
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
    .input(z.strictObject({ name: MonitorSubject }))
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
        name: MonitorSubject,
        /** The newest version with a reference profile if absent. */
        version: z.coerce.number<number | string>().int().min(1).optional(),
        fromMs: z.coerce.number<number | string>().pipe(InstantMs).optional(),
        toMs: z.coerce.number<number | string>().pipe(InstantMs).optional(),
      }),
    )
    .output(StabilitySeries),
}

/** These change how a monitor acts, not what it judges. */
const restraintProcedures = {
  mute: procedure({
    method: 'PUT',
    path: '/v1/monitors/{name}/mute',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Mute a monitor for some time: it judges, but neither alerts nor acts',
    errors: ['monitor_unknown'],
  })
    .input(z.strictObject({ name: MonitorSubject, seconds: z.int().min(60).max(MUTE_SECONDS_MAX), reason: Reason }))
    .output(Monitor),
  unmute: procedure({
    method: 'DELETE',
    path: '/v1/monitors/{name}/mute',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'End the mute of a monitor',
    errors: ['monitor_unknown'],
  })
    .input(z.strictObject({ name: MonitorSubject }))
    .output(Monitor),
  release: procedure({
    method: 'POST',
    path: '/v1/monitors/{name}/holds/{flow}/release',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Release a flow that the monitor holds: it writes tags again',
    errors: ['monitor_unknown', 'hold_unknown'],
  })
    .input(z.strictObject({ name: MonitorSubject, flow: Name, reason: Reason }))
    .output(Monitor),
}

const sourceProcedures = {
  baseline: procedure({
    method: 'POST',
    path: '/v1/monitors/{name}/baseline',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Take the values of a source that devices counted in the last days as its reference',
    errors: ['monitor_unknown', 'profile_refused'],
  })
    .input(z.strictObject({ name: MonitorSubject, days: z.int().min(1).max(30) }))
    .output(ProfileSummary),
}

export const monitorProcedures = { ...ruleProcedures, ...restraintProcedures, ...sourceProcedures }

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
  collect: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions/{version}/profile/collect',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Make the reference profile of a version from the windows that its devices counted in the last days',
    errors: [...unknown, 'profile_refused'],
  })
    .input(z.strictObject({ ...version, days: z.int().min(1).max(30) }))
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
