/** Revisions: the earlier specs of a deployment, with the rollout and the author of each. */
import type { DeploymentRevision } from '@skerry/contract/deployments/deployment-revision'
import { sql } from 'kysely'
import { recipesOf } from '../builds/recipe-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeploymentInForce } from './deployment-store.ts'

export type RevisionQuery = { limit: number; before: number | undefined }

/** The largest revision that a database can compare: PostgreSQL fails at a greater number. */
const REVISION_MAX = 2 ** 31 - 1

/** One page of revisions, newest first. */
export async function listRevisions(
  db: Db,
  deployment: DeploymentInForce,
  { limit, before = REVISION_MAX }: RevisionQuery,
): Promise<DeploymentRevision[]> {
  const rows = await db
    .selectFrom('deployment_revisions')
    .leftJoin('rollouts', (join) =>
      join
        .onRef('rollouts.deployment_id', '=', 'deployment_revisions.deployment_id')
        .onRef('rollouts.revision', '=', 'deployment_revisions.revision'),
    )
    .select([
      'deployment_revisions.revision',
      'deployment_revisions.spec',
      'deployment_revisions.version',
      'deployment_revisions.build_id',
      'deployment_revisions.build_choices',
      'rollouts.id',
      'rollouts.status',
      'rollouts.created_at_ms',
      'rollouts.plan',
    ])
    .where('deployment_revisions.deployment_id', '=', deployment.id)
    .where('deployment_revisions.revision', '<', Math.min(before, REVISION_MAX))
    .orderBy('deployment_revisions.revision', 'desc')
    .limit(limit)
    .execute()
  const authors = await authorsOf(db, deployment)
  const recipes = await recipesOf(
    db,
    rows.map((row) => row.build_id),
  )
  return rows.map(({ revision, spec, version, build_id, build_choices, id, status, created_at_ms, plan }) => {
    const appliedBy = authors.get(revision)
    const rollbackTo = plan === null ? undefined : fromJson(plan).rollbackTo
    return {
      revision,
      spec: fromJson(spec),
      version,
      ...(build_id !== null && { build: build_id, ...recipes(build_id) }),
      ...(build_choices !== null && { choices: fromJson(build_choices) }),
      ...(id === null || status === null || created_at_ms === null
        ? {}
        : { rollout: { id, status, startedAtMs: created_at_ms } }),
      ...(rollbackTo === undefined ? {} : { rollbackTo }),
      ...(appliedBy === undefined ? {} : { appliedBy }),
    }
  })
}

/** Records that one query reads: many times the number of revisions that a deployment keeps. */
const RECORDS_MAX = 500

/** The author of each revision, from the audit trail, which keeps it permanently. */
async function authorsOf(
  db: Db,
  { organisationId, name, createdAtMs }: DeploymentInForce,
): Promise<Map<number, string>> {
  const records = await db
    .selectFrom('audit_records')
    .select(['actor', 'detail'])
    .where('organisation_id', '=', organisationId)
    .where('object_id', '=', name)
    .where('action', 'in', ['deployment.apply', 'deployment.rollback'])
    // An earlier deployment of the same name had revisions of its own.
    .where('at_ms', '>=', createdAtMs)
    // A script may apply the same spec repeatedly: each call makes a record, but no revision.
    .where(sql<boolean>`detail not like '%"change":"unchanged"%'`)
    .orderBy('sequence', 'desc')
    .limit(RECORDS_MAX)
    .execute()
  const authors = new Map<number, string>()
  for (const { actor, detail } of records) {
    const { revision, change } = fromJson(detail)
    const { name: author } = fromJson(actor)
    if (typeof revision === 'number' && change !== 'unchanged') authors.set(revision, author)
  }
  return authors
}
