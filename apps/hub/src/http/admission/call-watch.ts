/**
 * Call watch: wraps every procedure. It converts each thrown error into one of the contract's errors, so that internal
 * details do not leak. It counts and times the calls. It records rejected changes in the audit trail.
 */
import { ORPCError, ValidationError } from '@orpc/server'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { appendAudit } from '../../audit/audit-store.ts'
import type { Tx } from '../../store/store.ts'
import { isDiskFull, isStoreUnavailable, isUnstorableText } from '../../store/store-errors.ts'
import type { OpenCall } from '../call.ts'
import { type Called, isTrial, objectOf } from '../called.ts'
import { issuesIn } from '../input-issues.ts'
import { isProblem, type Problem, problem } from '../problem.ts'

type Watched = {
  context: OpenCall
  path: readonly string[]
  input: unknown
  procedure: { '~orpc': { meta: { isReadOnly?: boolean }; route: { path?: string } } }
  signal?: AbortSignal | undefined
  next: () => Promise<unknown>
}

const STORE_AWAY = 'the hub cannot reach its database at the moment; try again shortly'

const STOPPING = 'the hub is stopping; try again in a moment'

/** An interceptor for oRPC's handlers. */
export async function watchCall({ context, path, input, procedure, signal, next }: Watched): Promise<unknown> {
  const { hub } = context
  const { meta, route } = procedure['~orpc']
  const name = path.join('.')
  const startMs = hub.clock.monotonicMs()
  const end = (code: ErrorCode | 'ok') => {
    hub.metrics.requests.inc({ procedure: name, code })
    hub.metrics.requestSeconds.observe({ procedure: name }, (hub.clock.monotonicMs() - startMs) / 1_000)
  }
  try {
    const answer = await next()
    end('ok')
    return answer
  } catch (error) {
    const refusal = hub.signal.aborted && !isProblem(error) ? problem('hub_unavailable', STOPPING) : problemOf(error)
    end(refusal.code)
    // The hub logs no failure if the caller has disconnected, or if a device is slow.
    const isOurs = refusal.status >= 500 && refusal.code !== 'command_timeout'
    if (isOurs && !signal?.aborted && !hub.signal.aborted) logFailure(context, name, error)
    if (!meta.isReadOnly) await recordRefusal(context, { path, route: route.path, input }, refusal)
    throw refusal
  }
}

/** The problem that the caller gets for a thrown error. */
export function problemOf(error: unknown): Problem {
  if (isProblem(error)) return error
  if (error instanceof ORPCError && error.status === 400) return problem('input_invalid', undefined, issuesOf(error))
  if (isStoreUnavailable(error)) return problem('hub_unavailable', STORE_AWAY)
  if (isUnstorableText(error)) return problem('input_invalid', 'a text holds the character U+0000; leave it out')
  return problem(isDiskFull(error) ? 'storage_full' : 'internal_error')
}

function issuesOf({ cause }: ORPCError<string, unknown>) {
  return cause instanceof ValidationError ? { issues: issuesIn(cause.issues) } : undefined
}

function logFailure({ hub, requestId, source }: OpenCall, procedure: string, error: unknown) {
  hub.log.error('request_failed', { requestId, procedure, source, error })
}

/** Records a rejected change, if its organisation is known. */
export async function recordRefusal(
  { hub, source, trail }: OpenCall,
  { path, route, input }: Omit<Called, 'meta'>,
  { code }: Problem,
) {
  const { organisationId, actor } = trail
  if (organisationId === undefined || trail.isRecorded || !hub.auditLimiter.admit(organisationId, actor)) return
  const object = objectOf(path, route, input)
  try {
    await hub.store.transaction(async (tx) =>
      appendAudit(tx, {
        organisationId,
        atMs: hub.clock.nowMs(),
        actor,
        action: path.join('.'),
        object,
        source,
        result: code,
        detail: { ...(isTrial({ input }) && { dryRun: true }), ...(await rolloutNamed(tx, organisationId, object)) },
      }),
    )
  } catch (error) {
    // The caller is rejected in any case. A full disk must not replace the reason by another one.
    hub.log.error('refusal_not_recorded', { action: path.join('.'), code, error })
  }
}

/** Nobody recognises a rollout by its id, so the record of a refused request has its deployment, too. */
async function rolloutNamed(tx: Tx, organisationId: OrganisationId, { kind, id }: AuditRecord['object']) {
  if (kind !== 'rollout') return {}
  const row = await tx
    .selectFrom('rollouts')
    .innerJoin('deployments', 'deployments.id', 'rollouts.deployment_id')
    .select('deployments.name as deployment')
    .where('deployments.organisation_id', '=', organisationId)
    .where('rollouts.id', '=', id as RolloutId)
    .executeTakeFirst()
  return row ?? {}
}
