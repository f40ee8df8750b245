/**
 * Build queries: the requests of the pages about builds. Their keys begin with the noun whose level rises when a recipe
 * has a result, so that a page shows the progress of an optimisation by itself.
 */
import { type BuildPreference, FidelityGoal, type Recipe } from '@skerry/contract/builds/build'
import { OptimisationId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'
import type { RangesRequest } from './ranges/ranges-source.ts'

/** The newest optimisations of a model; the API has all of them. A version rarely needs more than one. */
const RUNS_SHOWN = 100

/** Of all models; older ones have an id on the page of their batch. */
const CALIBRATIONS_SHOWN = 100

type Planned = { recipes: readonly Recipe[]; ranges: RangesRequest }

export const buildQueries = {
  /** The builds of a version, smallest first. */
  builds: (model: string, version: string) =>
    queryOptions({
      queryKey: ['models', 'builds', model, version],
      queryFn: async ({ signal }) => (await hub.build.list({ name: model, version }, { signal })).rows,
    }),
  /** The newest optimisations of a model, of all its versions. */
  runs: (model: string) =>
    queryOptions({
      queryKey: ['models', 'optimisations', model],
      queryFn: async ({ signal }) => (await hub.optimisation.list({ name: model, limit: RUNS_SHOWN }, { signal })).rows,
    }),
  run: (id: string) =>
    queryOptions({
      queryKey: ['models', 'optimisation', id],
      queryFn: ({ signal }) => hub.optimisation.get({ optimisation: OptimisationId.parse(id) }, { signal }),
      retry: false,
    }),
  /** The newest measurement of each form on each device. They change with the results of batches. */
  measurements: (model: string, version: string) =>
    queryOptions({
      queryKey: ['batches', 'measurements', model, version],
      queryFn: async ({ signal }) => (await hub.build.measurements({ name: model, version }, { signal })).rows,
    }),
  /** The form that each class of hardware gets. Batches measure, and the removal of a build changes it too. */
  choices: (model: string, version: string, prefer: BuildPreference) =>
    queryOptions({
      queryKey: ['batches', 'choices', model, version, prefer],
      queryFn: ({ signal }) => hub.build.choices({ name: model, version, prefer }, { signal }),
    }),
  /** The newest batches that computed ranges of this version on devices, if a device has answered. */
  calibrations: (model: string, version: number) =>
    queryOptions({
      queryKey: ['batches', 'calibrations', model, version],
      queryFn: async ({ signal }) => {
        const { rows } = await hub.batch.list({ kind: 'calibrate-model', limit: CALIBRATIONS_SHOWN }, { signal })
        return rows.filter(
          ({ command, counts }) =>
            command.kind === 'calibrate-model' &&
            command.name === model &&
            command.version === version &&
            counts.succeeded > 0,
        )
      },
    }),
  /** The cost of these recipes. The goal does not change it. */
  plan: (model: string, version: string, { recipes, ranges }: Planned) =>
    queryOptions({
      queryKey: ['models', 'optimisation-plan', model, version, recipes, ranges],
      queryFn: ({ signal }) =>
        hub.optimisation.plan(
          {
            name: model,
            version,
            recipes: [...recipes],
            goal: FidelityGoal.parse({}),
            ...ranges,
          },
          { signal },
        ),
      retry: false,
    }),
}
