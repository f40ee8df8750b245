/** Stage store: the tensors of the versions that pipelines name. */
import { kinds } from '@skerry/contract/kinds/kinds'
import type { PipelineStage } from '@skerry/contract/routes/pipeline'
import type { RouteSpec } from '@skerry/contract/routes/route'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { StageSides } from '@skerry/core/routes/pipeline-sides'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** Versions by `NAME:VERSION`, without the versions that are gone or answer no requests. */
export type KnownStages = ReadonlyMap<string, StageSides>

/** All versions that the routes name, in one query. */
export async function knownStages(
  db: Db,
  organisationId: OrganisationId,
  specs: readonly Pick<RouteSpec, 'pipeline'>[],
): Promise<KnownStages> {
  const stages = specs.flatMap(({ pipeline }) => pipeline?.stages ?? [])
  if (stages.length === 0) return new Map()
  const rows = await db
    .selectFrom('versions')
    .select(['name', 'version', 'kind', 'summary'])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', [...new Set(stages.map(({ model }) => model))])
    .where('version', 'in', [...new Set(stages.map(({ version }) => version))])
    .execute()
  const known = new Map<string, StageSides>()
  for (const { name: model, version, kind, summary } of rows) {
    const detail = fromJson(summary)
    if (kinds[kind].serves && 'inputs' in detail && 'outputs' in detail)
      known.set(keyOfStage({ model, version }), { model, version, inputs: detail.inputs, outputs: detail.outputs })
  }
  return known
}

/** The stages of a route in their order; undefined without a pipeline, or if one of its versions is gone. */
export function stagesOf({ pipeline }: Pick<RouteSpec, 'pipeline'>, known: KnownStages): StageSides[] | undefined {
  const stages = pipeline?.stages.map((stage) => known.get(keyOfStage(stage)))
  return stages?.every((stage) => stage !== undefined) ? stages : undefined
}

export const keyOfStage = ({ model, version }: PipelineStage) => `${model}:${version}`
