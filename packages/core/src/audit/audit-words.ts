/**
 * Audit words: a record of the audit trail as a sentence, "owner paused the rollout of anomaly". The parts stay apart,
 * so that a page can link the object. An action of a newer hub, which the table lacks, keeps its code.
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { acts, events } from './audit-actions.ts'

export type SentencePart = { kind: 'text' | 'actor' | 'object'; text: string }

/** The part of a record that its sentence needs. */
export type Recorded = Pick<AuditRecord, 'actor' | 'action' | 'object' | 'result' | 'detail'>

/** Whether the caller only wanted to see the effect. Such a call is recorded, but it changed nothing. */
export const isDryRun = ({ detail }: Pick<AuditRecord, 'detail'>): boolean => detail.dryRun === true

/** The sentence of a record, in parts. */
export function auditSentence(record: Recorded): SentencePart[] {
  if (record.action in events) return auditWhat(record)
  return [{ kind: 'actor', text: actorName(record.actor) }, { kind: 'text', text: ' ' }, ...auditWhat(record)]
}

/** The sentence beside a column with the actor: an act begins with its verb. */
export const auditWhat = (record: Recorded): SentencePart[] =>
  filled(events[record.action] ?? predicate(record), record)

/** Parts as one text. */
export const partsText = (parts: readonly SentencePart[]): string => parts.map(({ text }) => text).join('')

/** The name of the actor, its id or its kind. */
export const actorName = ({ kind, name, id }: AuditRecord['actor']): string =>
  kind === 'hub' ? 'the hub' : name || id || kind

/** The name of the object as people write it, if the record has it, else its id. */
export function objectName({ action, object, actor, detail }: Recorded): string {
  const { kind, id } = object
  if (kind === 'rollout' && typeof detail.deployment === 'string') return detail.deployment
  if (kind === 'intrusion' && typeof detail.rule === 'string') return detail.rule
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
  const { action, result } = record
  const act = acts[`${action}:${outcomeOf(record)}`] ?? acts[action]
  // A code with its object is still a fact.
  if (act === undefined) return `${action} {object}`
  const [, infinitive = '', past = '', rest = ''] = FORMS.exec(act) ?? []
  if (result !== 'ok') return `could not ${infinitive}${rest}`
  return isDryRun(record) ? `made a dry run: ${infinitive}${rest}` : `${past}${rest}`
}

/** `sign in/signed in with ...`: the second form has as many words as the first. */
const FORMS = /^([a-z]+(?: (?:in|up|out|back))?)\/([a-z]+(?: (?:in|up|out|back))?)(.*)$/

function outcomeOf({ detail }: Recorded): string {
  if (detail.created === false) return 'unchanged'
  return typeof detail.change === 'string' ? detail.change : ''
}

function filled(words: string, record: Recorded): SentencePart[] {
  return words.split(/(\{[a-zA-Z]+\})/).flatMap((piece): SentencePart[] => {
    if (piece === '{object}') return [{ kind: 'object', text: objectName(record) }]
    const member = /^\{(.+)\}$/.exec(piece)?.[1]
    const text = member === undefined ? piece : String(record.detail[member] ?? '')
    return text === '' ? [] : [{ kind: 'text', text }]
  })
}
