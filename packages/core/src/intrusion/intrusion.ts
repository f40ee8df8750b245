/**
 * Intrusion: what a record of the audit trail is a sign of, and when signs are too many. Pure: the same trail gives the same findings, so a
 * hub that was killed goes on where it stood, and nothing depends on a message that was heard.
 *
 *     record → signs (rule, subject, weight) → tally of that rule and subject: sinks with time, rises with each sign → fires at the threshold
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { JOURNAL_BROKEN } from '@skerry/contract/audit/device-journal'
import { EVIDENCE_MAX, type Intrusion, type IntrusionRule } from '@skerry/contract/intrusion/intrusion'

export type IntrusionSubject = Intrusion['subject']

export type Sign = {
  rule: IntrusionRule
  subject: IntrusionSubject
  weight: number
  /** Counts once while it is remembered: the fifth time that the same thing is refused is a script, and no probing. */
  mark?: string
}

/** What was counted of one rule and one subject; as large after a year as after a minute. */
export type SignTally = {
  score: number
  count: number
  firstMs: number
  lastMs: number
  marks: readonly string[]
  evidence: readonly number[]
}

/** More different ones are beyond any threshold that makes sense; the oldest is forgotten. */
const MARKS_MAX = 64

/** What cannot be taken back, or stops something. */
const DESTRUCTIVE = new Set([
  'device.remove',
  'device.revoke',
  'device.wipe',
  'device.quarantine',
  'site.remove',
  'model.remove',
  'model.removeVersion',
  'deployment.remove',
  'key.revoke',
  'user.remove',
  'secret.remove',
  'token.revoke',
])

/** What the hub puts on record of a device. */
const DEVICE_RULES = new Map<string, IntrusionRule>([
  ['device.duplicated', 'certificate_shared'],
  ['device.clockJumped', 'clock_tampering'],
])

/** Bringing a model, or a signature of one; deploying what was never signed is a mistake of everyday. */
const BRINGING = new Set(['model.push', 'trust.sign'])
const UNTRUSTED = new Set(['version_untrusted', 'signature_refused'])

const POWERFUL = new Set(['owner', 'administrator'])

/** What a record is a sign of; of what the hub itself does, of nothing. */
export function signsOf(record: AuditRecord): Sign[] {
  const { actor, action, result, detail, source } = record
  if (action === 'refusals.counted') return countedSigns(record)
  if (result === 'sign_in_refused') return signInSigns(record)
  const ofDevice = DEVICE_RULES.get(action)
  if (ofDevice && actor.kind === 'device') return [{ rule: ofDevice, subject: { ...actor, kind: 'device' }, weight: 1 }]
  const subject = personOf(record)
  if (!subject) return journalSigns(record)
  const signs: Sign[] = []
  if (source !== undefined) signs.push({ rule: 'many_places', subject, weight: 1, mark: source })
  if (result === 'permission_denied') signs.push({ rule: 'permission_probing', subject, weight: 1, mark: action })
  if (/_unknown$/.test(result)) signs.push({ rule: 'object_probing', subject, weight: 1, mark: record.object.id })
  if (BRINGING.has(action) && UNTRUSTED.has(result)) signs.push({ rule: 'untrusted_push', subject, weight: 1 })
  if (result === 'ok' && DESTRUCTIVE.has(action)) signs.push({ rule: 'mass_change', subject, weight: 1 })
  if (result === 'ok' && isPromotion(action, detail)) signs.push({ rule: 'new_administrator', subject, weight: 1 })
  return signs
}

/** How a tally stands after a sign. */
export function addSign(
  before: SignTally | undefined,
  sign: Pick<Sign, 'weight' | 'mark'>,
  { atMs, sequence }: Pick<AuditRecord, 'atMs' | 'sequence'>,
  { threshold, windowMs }: { threshold: number; windowMs: number },
): SignTally {
  const sunk = sink(before, atMs, { threshold, windowMs })
  const { marks, evidence } = sunk
  if (sign.mark !== undefined && marks.includes(sign.mark)) return { ...sunk, lastMs: Math.max(atMs, sunk.lastMs) }
  return {
    score: sunk.score + sign.weight,
    count: sunk.count + 1,
    firstMs: sunk.firstMs,
    lastMs: Math.max(atMs, sunk.lastMs),
    marks: sign.mark === undefined ? marks : [...marks, sign.mark].slice(-MARKS_MAX),
    evidence: [...evidence, sequence].slice(-EVIDENCE_MAX),
  }
}

/** The tally as time has left it: what is a window old counts for nothing. A clock that was set back makes nothing older. */
function sink(before: SignTally | undefined, atMs: number, rule: { threshold: number; windowMs: number }): SignTally {
  const fresh: SignTally = { score: 0, count: 0, firstMs: atMs, lastMs: atMs, marks: [], evidence: [] }
  if (!before) return fresh
  const elapsedMs = Math.max(0, atMs - before.lastMs)
  const score = before.score - (elapsedMs / rule.windowMs) * rule.threshold
  return score > 0 ? { ...before, score } : fresh
}

/** By whom: keys and people. What devices and the hub do is not theirs to be suspected of here. */
function personOf({ actor }: AuditRecord): IntrusionSubject | undefined {
  if (actor.kind !== 'key' && actor.kind !== 'user') return undefined
  return { ...actor, kind: actor.kind }
}

function countedSigns(record: AuditRecord): Sign[] {
  const subject = personOf(record)
  const count = Number(record.detail.count)
  return subject && count > 0 ? [{ rule: 'key_guessing', subject, weight: count }] : []
}

/** The hub says it, and it is about the device. */
function journalSigns({ action, actor, object, detail }: AuditRecord): Sign[] {
  if (action !== JOURNAL_BROKEN || actor.kind !== 'hub') return []
  const subject = { kind: 'device' as const, id: object.id.slice(0, 64), name: String(detail.name ?? '').slice(0, 63) }
  return [{ rule: 'journal_broken', subject, weight: 1 }]
}

function signInSigns({ object }: AuditRecord): Sign[] {
  if (object.kind !== 'user') return []
  return [{ rule: 'sign_in_guessing', subject: { kind: 'user', id: object.id.slice(0, 64), name: '' }, weight: 1 }]
}

function isPromotion(action: string, { role, to }: AuditRecord['detail']): boolean {
  if (action === 'user.setRole') return POWERFUL.has(String(to))
  return (action === 'key.create' || action === 'invitation.create') && POWERFUL.has(String(role))
}
