/** Prove person: whether somebody is who they say, by password and, where there is one, second factor. Every password is looked at here. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import { type Failures, isLockOut } from '@skerry/core/people/lock-out'
import { appendAudit } from '../../audit/audit-store.ts'
import { refuseGuesser } from '../../http/admission/caller-limiter.ts'
import type { OpenCall } from '../../http/call.ts'
import { type Problem, problem } from '../../http/problem.ts'
import type { Tx } from '../../store/store.ts'
import type { How } from '../account-change.ts'
import { countTry, forgetFailures, waitOfMs } from '../failure-store.ts'
import { inTurn, isPassword, pretendToCompare } from '../password.ts'
import { findPerson, type KnownPerson, membershipsOf } from '../people-store.ts'
import { countedAs } from './known-place.ts'
import { findFactor, spendCode } from './second-factor.ts'

export type Proof = { email: string; password: string; code?: string | undefined }

/**
 * Proves the person and then does the work, in the transaction that uses the code up and wipes the slate. Throws the same whatever was wrong,
 * and takes as long: nobody learns who has an account.
 */
export async function provePerson<T>(
  call: OpenCall,
  action: string,
  proof: Proof,
  work: (tx: Tx, person: KnownPerson, how: How) => Promise<T>,
): Promise<T> {
  const { hub } = call
  const { name, lane } = await countedAs(call, proof.email)
  // Asked before anything is hashed: guesses that count for nothing must not keep others waiting.
  if ((await waitOfMs(hub.store.db, name, hub.clock.nowMs())) > 0)
    throw await refuse(call, action, { ...proof, name }, undefined)
  const { failures, person } = await inTurn(lane, () => comparePassword(call, { ...proof, name }))
  if (!person) throw await refuse(call, action, { ...proof, name }, failures)
  const done = await hub.store.transaction(async (tx) => {
    const factor = await findFactor(tx, person.id)
    const isMultiFactor = (factor?.confirmed_at_ms ?? null) !== null
    if (factor && isMultiFactor) {
      if (proof.code === undefined) throw problem('second_factor_missing')
      const by = { nowMs: hub.clock.nowMs(), keys: hub.people.keys.factor }
      if (!(await spendCode(tx, factor, proof.code, by))) return undefined
    }
    await forgetFailures(tx, name)
    return { result: await work(tx, person, { method: 'password', isMultiFactor }) }
  })
  if (!done) throw await refuse(call, action, { ...proof, name }, failures)
  return done.result
}

/** What is proved, and as whom a failure is counted. */
type CountedProof = Proof & { name: string }

type Compared = { failures: Failures | undefined; person: KnownPerson | undefined }

async function comparePassword({ hub }: OpenCall, { email, password, name }: CountedProof): Promise<Compared> {
  const failures = await hub.store.transaction((tx) => countTry(tx, name, hub.clock.nowMs()))
  const known = await findPerson(hub.store.db, email)
  // Of many at once only some are counted; to the others even the right password counts for nothing.
  const isRight =
    failures && known?.password ? await isPassword(password, known.password) : await pretendToCompare(password)
  return { failures, person: isRight ? known : undefined }
}

/** Records it wherever the person belongs, and gives what is answered. */
async function refuse(
  call: OpenCall,
  action: string,
  { email, name }: CountedProof,
  failures: Failures | undefined,
): Promise<Problem> {
  const { hub, source } = call
  hub.log.warn('sign_in_refused', { source, failures: failures?.failures, isLocked: failures === undefined })
  const person = await findPerson(hub.store.db, email)
  // What is refused unseen is not worth a record each: the one that began it is there.
  if (person && failures) {
    const detail = { failures: failures.failures, ...(isLockOut(failures) ? { isLockedOut: true } : {}) }
    const organisations = await membershipsOf(hub.store.db, person.id)
    for (const { organisation_id } of organisations) {
      const whose = { organisationId: organisation_id, userId: person.id }
      await recordAttempt(call, { ...whose, action, result: 'sign_in_refused', detail })
    }
  }
  refuseGuesser(hub, { source, identity: name }, 'sign_in_refused')
  return refusal(call, name)
}

/** The same words whatever was wrong; and how long to wait, if tries that are counted under the name have to. */
export async function refusal({ hub }: OpenCall, name: string, message?: string): Promise<Problem> {
  const retryAfterMs = await waitOfMs(hub.store.db, name, hub.clock.nowMs())
  return problem('sign_in_refused', message, retryAfterMs > 0 ? { retryAfterMs } : undefined)
}

type Attempt = {
  organisationId: OrganisationId
  userId: UserId
  action: string
  result: ErrorCode
  detail: AuditRecord['detail']
}

/** Writes down that somebody tried to be the person. */
export async function recordAttempt(
  { hub, source }: OpenCall,
  { organisationId, userId, action, result, detail }: Attempt,
): Promise<void> {
  await hub.store.transaction((tx) =>
    appendAudit(tx, {
      organisationId,
      atMs: hub.clock.nowMs(),
      action,
      source,
      detail,
      actor: { kind: 'anonymous', id: '', name: '' },
      object: { kind: 'user', id: userId },
      result,
    }),
  )
  hub.bus.publish('audit.appended', organisationId)
}
