/**
 * Second person: wraps the transaction of a change that needs two people.
 *
 * The hub carries out the change, and rolls it back if no second person has approved it. So only a change that would
 * succeed waits for approval, and the hub executes exactly the approved call.
 */
import { createHash } from 'node:crypto'
import type { ApprovalKind, ApprovalRules } from '@skerry/contract/approvals/approval'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Caller } from '@skerry/core/people/access'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { appendAudit } from '../audit/audit-store.ts'
import { storedHand } from '../batches/batch-hand.ts'
import type { AuditNote, OpenCall } from '../http/call.ts'
import { type Called, isTrial, objectOf } from '../http/called.ts'
import { problem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import { findOpen, findRules, insertApproval, saveApproval } from './approval-store.ts'
import { isProduction } from './production.ts'

type Subject = { call: OpenCall; called: Called; caller: Caller }

/** Thrown inside the transaction, so that the transaction is rolled back completely. */
export class Held extends Error {
  readonly kind: ApprovalKind
  readonly rules: ApprovalRules
  readonly hands: string[]
  constructor(kind: ApprovalKind, rules: ApprovalRules, hands: string[]) {
    super('it needs the approval of a second person')
    this.kind = kind
    this.rules = rules
    this.hands = hands
  }
}

/** Runs the work. Throws `Held` if the change needs an approval and has none. Writes the approver into the note. */
export async function withSecondPerson<T>(
  tx: Tx,
  { call, called, caller }: Subject,
  note: AuditNote,
  work: () => Promise<T>,
): Promise<T> {
  const kind = called.meta.approval
  if (kind === 'none' || isTrial(called)) return work()
  const rules = await findRules(tx, caller.organisationId)
  if (!isOn(rules, kind)) return work()
  const wish = { tx, organisationId: caller.organisationId, nowMs: call.hub.clock.nowMs() }
  const wasProduction = kind === 'deployments' && (await isProduction(wish, rules, called))
  const done = await work()
  if (isUnchanged(done)) return done
  if (kind === 'deployments' && !wasProduction && !(await isProduction(wish, rules, called))) return done
  const open = await findOpen(tx, { ...wish, subject: subjectOf({ call, called, caller }) })
  if (open?.status !== 'approved') throw new Held(kind, rules, await handsOf(wish, called, caller))
  await saveApproval(tx, open, { status: 'used' })
  note.detail = {
    ...note.detail,
    approval: open.id,
    ...(open.answered && { approvedBy: fromJson(open.answered).name }),
  }
  return done
}

/** A call that changes nothing needs no second person. */
const isUnchanged = (done: unknown) =>
  typeof done === 'object' && done !== null && 'change' in done && done.change === 'unchanged'

const isOn = (rules: ApprovalRules, kind: ApprovalKind) => rules[kind] !== undefined && rules[kind] !== false

/** Stores the pending request once, and rejects the call. */
export async function holdCall(asked: Subject, { kind, rules, hands }: Held): Promise<never> {
  const { call, called, caller } = asked
  const { hub, trail, source } = call
  const { organisationId } = caller
  const atMs = hub.clock.nowMs()
  const subject = subjectOf(asked)
  const { id, expires_at_ms } = await hub.store.transaction(async (tx) => {
    const open = await findOpen(tx, { organisationId, subject, nowMs: atMs })
    if (open) return open
    const { kind: noun, id: name } = objectOf(called.path, called.route, called.input)
    const row = {
      id: hub.ids.approval(),
      organisation_id: organisationId,
      kind,
      action: called.path.join('.'),
      subject,
      object: name || noun,
      input: toJson(inputOf(asked)),
      hands: toJson(hands),
      answered: null,
      reason: null,
      asked: toJson({ kind: caller.kind, id: caller.id, name: caller.name, atMs }),
      status: 'pending' as const,
      created_at_ms: atMs,
      expires_at_ms: atMs + rules.expiresInSeconds * 1_000,
    }
    await insertApproval(tx, row)
    await appendAudit(tx, {
      organisationId,
      atMs,
      actor: trail.actor,
      action: 'approval.ask',
      source,
      result: 'ok',
      object: { kind: 'approval', id: row.id },
      detail: { action: row.action, object: row.object, kind, expiresAtMs: row.expires_at_ms },
    })
    return row
  })
  trail.isRecorded = true
  hub.bus.publish('audit.appended', organisationId)
  const until = new Date(expires_at_ms).toISOString()
  throw problem(
    'approval_needed',
    `${id} waits until ${until} for the approval of another person; repeat it after the approval`,
  )
}

/** The pending request for the same call by the same people. */
function subjectOf(asked: Subject): string {
  const { called, caller } = asked
  const text = canonicalJson({ action: called.path.join('.'), input: inputOf(asked), personId: caller.personId })
  return createHash('sha256').update(text).digest('hex')
}

/** The input as an approver sees it. A private key, a token, or a text that is too long to show, is replaced by its digest. */
function inputOf({ call, called: { input } }: Subject): Record<string, unknown> {
  const values: Record<string, unknown> = typeof input === 'object' && input !== null ? { ...input } : {}
  const { privateKeyPem, accessToken, spec } = values
  return {
    ...values,
    ...(typeof privateKeyPem === 'string' && { privateKeyPem: sha256(privateKeyPem) }),
    ...(typeof accessToken === 'string' && { accessToken: sha256(accessToken) }),
    ...(spec !== undefined && { spec: specShown(call, spec) }),
  }
}

/** For a large body, the input has an empty field here. The thread that checked the body returned the stored form. */
function specShown({ entry }: OpenCall, spec: unknown): unknown {
  const { connection } = entry.prepared
  if (connection?.ok) return connection.text.length > SPEC_SHOWN_MAX ? connection.digest : JSON.parse(connection.text)
  const text = canonicalJson(spec)
  return text.length > SPEC_SHOWN_MAX ? sha256(text) : spec
}

/** A source of some hundred tags. A person does not read more. */
const SPEC_SHOWN_MAX = 65_536

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

type Wish = { tx: Tx; organisationId: OrganisationId }

/** The requester, and the author of the object that the request is about. Neither can be the second person. */
async function handsOf({ tx, organisationId }: Wish, { input }: Called, { personId }: Caller): Promise<string[]> {
  const batch = typeof input === 'object' && input !== null && 'batch' in input ? String(input.batch) : undefined
  if (batch === undefined) return [personId]
  const row = await tx
    .selectFrom('batches')
    .select('created_by')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', batch as never)
    .executeTakeFirst()
  return row ? [personId, storedHand(row.created_by).personId] : [personId]
}
