/** Procedures on builds of a version, and on the optimisations that make them. */
import * as z from 'zod'
import { BenchCommand, BenchRequest } from '../builds/bench-command.ts'
import { Build, BuildPreference, Optimisation, OptimisationPlan, OptimisationRequest } from '../builds/build.ts'
import { CalibrateCommand, CalibrateRequest } from '../builds/device-ranges.ts'
import { BuildChoices, MEASUREMENTS_MAX, Measurement } from '../builds/measurement.ts'
import { VersionReference } from '../models/model.ts'
import { BuildId, OptimisationId } from '../values/ids.ts'
import { Name, Page, pageOf } from '../values/names.ts'
import { procedure } from './procedure.ts'

const version = { name: Name, version: VersionReference }
const calibration = ['blob_unknown', 'batch_unknown', 'calibration_invalid'] as const
const unknown = ['model_unknown', 'version_unknown', 'alias_unknown'] as const

export const buildProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/builds',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the builds of a version, smallest first',
    errors: [...unknown],
  })
    .input(z.strictObject(version))
    .output(z.strictObject({ rows: z.array(Build) })),
  get: procedure({
    method: 'GET',
    path: '/v1/builds/{build}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a build',
    errors: ['build_unknown'],
  })
    .input(z.strictObject({ build: BuildId }))
    .output(Build),
  choices: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/choices',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show which build of a version is the best for each class of hardware, and why not the others',
    errors: [...unknown],
  })
    .input(z.strictObject({ ...version, prefer: BuildPreference.optional() }))
    .output(BuildChoices),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/builds/{build}',
    access: 'build.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Remove a build that no deployment uses',
    errors: ['build_unknown', 'build_in_use'],
  })
    .input(z.strictObject({ build: BuildId }))
    .output(z.strictObject({})),
  benchCommand: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions/{version}/bench-command',
    access: 'build.write',
    scope: 'whole',
    approval: 'none',
    isReadOnly: true,
    summary: 'Compose the batch command that measures a version and its builds on devices',
    errors: [...unknown, 'version_not_model', 'build_unknown', 'bench_refused'],
  })
    .input(z.strictObject({ ...version, ...BenchRequest.shape }))
    .output(BenchCommand),
  calibrateCommand: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions/{version}/calibrate-command',
    access: 'build.write',
    scope: 'whole',
    approval: 'none',
    isReadOnly: true,
    summary: 'Compose the batch command that computes calibration ranges on devices, from rows that stay there',
    errors: [...unknown, 'version_not_model'],
  })
    .input(z.strictObject({ ...version, ...CalibrateRequest.shape }))
    .output(CalibrateCommand),
  measurements: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/measurements',
    access: 'model.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List the newest measurement of a version and of each of its builds on each device, newest first',
    errors: [...unknown],
  })
    .input(z.strictObject(version))
    .output(z.strictObject({ rows: z.array(Measurement).max(MEASUREMENTS_MAX) })),
}

export const optimisationProcedures = {
  plan: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions/{version}/optimisations/plan',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    isReadOnly: true,
    summary: 'Say what an optimisation would do and take, without starting it',
    errors: [...unknown, 'version_not_model', 'optimisation_refused', ...calibration],
  })
    .input(z.strictObject({ ...version, ...OptimisationRequest.shape }))
    .output(OptimisationPlan),
  start: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions/{version}/optimisations',
    access: 'build.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Make builds of a version by recipes, and keep those that answer as the version does',
    errors: [...unknown, 'version_not_model', 'optimisation_refused', 'optimisation_quota_reached', ...calibration],
  })
    .input(z.strictObject({ ...version, ...OptimisationRequest.shape }))
    .output(Optimisation),
  list: procedure({
    method: 'GET',
    path: '/v1/optimisations',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List optimisations, newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, name: Name.optional() }))
    .output(pageOf(Optimisation)),
  get: procedure({
    method: 'GET',
    path: '/v1/optimisations/{optimisation}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show an optimisation and the result of each recipe',
    errors: ['optimisation_unknown'],
  })
    .input(z.strictObject({ optimisation: OptimisationId }))
    .output(Optimisation),
  cancel: procedure({
    method: 'POST',
    path: '/v1/optimisations/{optimisation}/cancel',
    access: 'build.write',
    scope: 'whole',
    approval: 'none',
    summary: 'End an optimisation; the builds that it has made stay',
    errors: ['optimisation_unknown', 'optimisation_ended'],
  })
    .input(z.strictObject({ optimisation: OptimisationId }))
    .output(Optimisation),
}
