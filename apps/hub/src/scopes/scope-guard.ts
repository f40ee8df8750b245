/**
 * Scope guard: where a role has a scope, the one place that looks whether a call stays inside. What lies outside answers as if it did not
 * exist; what reaches further is refused. Asked when the caller is let in, and again inside the transaction of a change.
 */
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import type { OrganisationId } from '@skerry/contract/ids'
import { compileScope, isWithin, narrowed, type Scope } from '@skerry/core/scope'
import { findBatch } from '../batches/batch-store.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { findDevice } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import { findSite } from '../sites/site-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { isDeviceIn, isSiteIn } from './scope-rows.ts'

/** Each role has one at most; a compiled scope takes some 20 kB. */
const SCOPES_MAX = 500

const compiled = new Map<string, Scope>()

/** The scope of a text that was accepted before. */
export function storedScope(text: string): Scope {
  const known = compiled.get(text)
  if (known) return known
  const scope = compileScope(text)
  // Only accepted texts are stored; an upgrade that refuses one must be loud, not let in everybody.
  if (!scope.ok) throw new Error(`the stored scope ${text} does not compile: ${scope.message}`)
  if (compiled.size >= SCOPES_MAX) compiled.clear()
  compiled.set(text, scope)
  return scope
}

export type ScopedCall = { meta: Pick<ProcedureMeta, 'scope'>; route: string | undefined; input: unknown }

type Wish = { db: Db; organisationId: OrganisationId; scope: Scope }

/** Throws where the call reaches outside. The input has not been parsed: what fits no name names nothing. */
export async function requireScope(wish: Wish, { meta, route, input }: ScopedCall): Promise<void> {
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  switch (meta.scope) {
    case 'none':
      throw problem('scope_refused')
    case 'selecting':
      return requireSelector(wish, values)
    case 'named':
      return requirePlaces(wish, route ?? '', values)
    case 'whole':
    case 'filtered':
      return
  }
}

async function requireSelector({ db, organisationId, scope }: Wish, values: Map<string, unknown>): Promise<void> {
  const { selector, name } = Object.fromEntries(values)
  const text = typeof selector === 'string' ? selector : 'true'
  if (!isWithin(text, scope.text)) {
    throw problem(
      'scope_exceeded',
      `your role counts for some places only; write the selector as: ${narrowed(text, scope.text)}`,
    )
  }
  const deployment = typeof name === 'string' ? await findDeployment(db, organisationId, name) : undefined
  if (deployment && !isWithin(deployment.spec.selector, scope.text)) {
    throw problem(
      'scope_exceeded',
      'a deployment of this name reaches beyond the scope of your role; choose another name',
    )
  }
}

/** The first parameter of the path is a place; api.test.ts of the contract holds this. What follows it, such as a source of a device, lies in it. */
async function requirePlaces(wish: Wish, route: string, values: Map<string, unknown>): Promise<void> {
  const nouns = [...route.matchAll(/\{([^}]+)\}/g)].map(([, noun = '']) => noun)
  for (const [index, noun] of nouns.entries()) {
    if (index === 0 || isPlace(noun)) await requireNamed(wish, noun, String(values.get(noun) ?? ''))
  }
}

const isPlace = (noun: string) => ['device', 'site', 'deployment', 'rollout', 'batch'].includes(noun)

async function requireNamed(wish: Wish, noun: string, reference: string): Promise<void> {
  const { db, organisationId, scope } = wish
  switch (noun) {
    case 'device': {
      const row = await findDevice(db, organisationId, reference)
      if (!row || !isDeviceIn(scope, row)) throw problem('device_unknown')
      return
    }
    case 'site': {
      const site = await findSite(db, organisationId, reference)
      if (!site || !(await isSiteIn(wish, site))) throw problem('site_unknown')
      return
    }
    case 'deployment': {
      const deployment = await findDeployment(db, organisationId, reference)
      if (!deployment || !isWithin(deployment.spec.selector, scope.text)) throw problem('deployment_unknown')
      return
    }
    case 'rollout': {
      if (!(await isRolloutIn(wish, reference))) throw problem('rollout_unknown')
      return
    }
    case 'batch': {
      const batch = await findBatch(db, { organisationId, batchId: reference as never })
      if (!batch || !isWithin(batch.selector, scope.text)) throw problem('batch_unknown')
      return
    }
    default:
      throw new Error(`no scope is known for {${noun}}`)
  }
}

/** Whether the revision that the rollout brings lies within the scope. */
export async function isRolloutIn(
  { db, organisationId, scope }: Omit<Wish, 'scope'> & { scope: Scope | undefined },
  id: string,
): Promise<boolean> {
  if (!scope) return true
  const row = await db
    .selectFrom('rollouts')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'rollouts.deployment_id')
        .onRef('deployment_revisions.revision', '=', 'rollouts.revision'),
    )
    .select('deployment_revisions.spec')
    .where('rollouts.organisation_id', '=', organisationId)
    .where('rollouts.id', '=', id as never)
    .executeTakeFirst()
  return row !== undefined && isWithin(fromJson(row.spec).selector, scope.text)
}
