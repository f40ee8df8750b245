/**
 * Audit words: a record of the audit trail as a sentence, "owner paused the rollout of anomaly". The parts stay apart,
 * so that a page can link the object. An action of a newer hub, which the table lacks, keeps its code.
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { acts, events } from './audit-actions.ts'
import { entryOf } from './device-time.ts'

export type SentencePart = { kind: 'text' | 'actor' | 'object'; text: string }

/** The part of a record that its sentence needs. */
export type Recorded = Pick<AuditRecord, 'actor' | 'action' | 'object' | 'result' | 'detail'>

/** Whether the caller only wanted to see the effect. Such a call is recorded, but it changed nothing. */
export const isDryRun = ({ detail }: Pick<AuditRecord, 'detail'>): boolean => detail.dryRun === true

/** The reason that the actor gave; undefined if there is none. */
export const auditReason = ({ detail }: Pick<AuditRecord, 'detail'>): string | undefined =>
  typeof detail.reason === 'string' && detail.reason !== '' ? detail.reason : undefined

/** The sentence of a record, in parts. */
export function auditSentence(record: Recorded): SentencePart[] {
  if (record.action in events) return auditWhat(record)
  return [{ kind: 'actor', text: actorName(record.actor) }, { kind: 'text', text: ' ' }, ...auditWhat(record)]
}

/** The sentence beside a column with the actor: an act begins with its verb. */
export const auditWhat = (record: Recorded): SentencePart[] => filled(eventOf(record) ?? predicate(record), record)

function eventOf({ action, detail }: Recorded): string | undefined {
  const whole = events[action]
  const hasAll = whole !== undefined && membersOf(whole).every((member) => memberText(detail, member) !== undefined)
  return hasAll ? whole : (events[`${action}:bare`] ?? whole)
}

/** Parts as one text. */
export const partsText = (parts: readonly SentencePart[]): string => parts.map(({ text }) => text).join('')

/** The name of the actor, its id or its kind. */
export const actorName = ({ kind, name, id }: AuditRecord['actor']): string =>
  kind === 'hub' ? 'the hub' : name || id || kind

/** The name of the object as people write it, if the record has it, else its id. */
export function objectName({ action, object, actor, detail }: Recorded): string {
  const { kind, id } = object
  if (kind === 'rollout' && typeof detail.deployment === 'string') return detail.deployment
  if (kind === 'intrusion' && typeof detail.rule === 'string') return detail.rule.replaceAll('_', ' ')
  if (kind === 'user' && typeof detail.email === 'string') return detail.email
  if (typeof detail.name === 'string') return detail.name
  if (id === '') return kind
  if (actor.id === id) return actorName(actor)
  if (id.startsWith('sha256:')) return id.slice(0, DIGEST_SHOWN)
  return VERSIONED.includes(kind) ? id.replace('/', action.endsWith('Alias') ? '@' : ':') : id
}

/** The objects of these nouns are `NAME/VERSION`. */
const VERSIONED: readonly string[] = ['model', 'trust']

/** `sha256:` and twelve digits distinguish digests by eye. */
const DIGEST_SHOWN = 19

function predicate(record: Recorded): string {
  const { action, result, detail } = record
  const variants = [acts[`${action}:${outcomeOf(record)}`], acts[action], acts[`${action}:bare`]]
  const act = variants.find(
    (words) => words !== undefined && membersOf(words).every((member) => memberText(detail, member) !== undefined),
  )
  // A code with its object is still a fact.
  if (act === undefined) return `${action} {object}`
  const [, infinitive = '', past = '', rest = ''] = FORMS.exec(act) ?? []
  if (result !== 'ok') return `could not ${infinitive}${rest}`
  return isDryRun(record) ? `made a dry run: ${infinitive}${rest}` : `${past}${rest}`
}

/** `sign in/signed in with ...`: the second form has as many words as the first. */
const FORMS = /^([a-z]+(?: (?:in|up|out|back))?)\/([a-z]+(?: (?:in|up|out|back))?)(.*)$/

const membersOf = (words: string): string[] =>
  [...words.matchAll(/\{([a-zA-Z]+)\}/g)].flatMap(([, name = '']) => (name === 'object' ? [] : [name]))

function outcomeOf({ detail }: Recorded): string {
  if (detail.created === false) return 'unchanged'
  if (detail.isPlanned === true) return 'planned'
  return typeof detail.change === 'string' ? detail.change : ''
}

function filled(words: string, record: Recorded): SentencePart[] {
  return words.split(/(\{[a-zA-Z]+\})/).flatMap((piece): SentencePart[] => {
    if (piece === '{object}') return [{ kind: 'object', text: objectName(record) }]
    const member = /^\{(.+)\}$/.exec(piece)?.[1]
    const text = member === undefined ? piece : (memberText(record.detail, member) ?? '')
    return text === '' ? [] : [{ kind: 'text', text }]
  })
}

/** `options` are the changed options of an agent; every other name is a member of the detail. */
function memberText(detail: Recorded['detail'], member: string): string | undefined {
  if (member === 'options') return optionsText(entryOf(detail)?.detail)
  const value = detail[member]
  return value === undefined || value === null ? undefined : String(value)
}

/** A line has room for this many options. */
const OPTIONS_SHOWN = 3

/** `rest from 127.0.0.1:8080 to 0.0.0.0:8080, and 2 more`. The record has a pair of values for each option. */
function optionsText(changed: unknown): string | undefined {
  if (typeof changed !== 'object' || changed === null || 'shortened' in changed) return undefined
  const words = Object.entries(changed).flatMap(([name, pair]: [string, unknown]) =>
    Array.isArray(pair) ? [`${name} from ${pair[0] || 'none'} to ${pair[1] || 'none'}`] : [],
  )
  if (words.length === 0) return undefined
  const more = words.length - OPTIONS_SHOWN
  return [...words.slice(0, OPTIONS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}
