/**
 * Audit record text: the canonical JSON (RFC 8785) of a record without its hash. The fields of a record are known, and so is their order;
 * spelled one by one it takes a third of the time, and a trail of years is verified in seconds.
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { canonicalJson } from '../values/canonical-json.ts'

type Content = Omit<AuditRecord, 'hash'>

/** The same text as `canonicalJson` of all but its hash, for any record and for whatever else claims to be one. */
export function auditRecordText(record: Content): string {
  if (!isPlain(record)) return canonicalJson(withoutHash(record))
  const { action, actor, atMs, detail, object, organisationId, previousHash, result, sequence, source } = record
  return (
    `{"action":${quoted(action)},"actor":{"id":${quoted(actor.id)},"kind":"${actor.kind}","name":${quoted(actor.name)}}` +
    `,"atMs":${atMs},"detail":${canonicalJson(detail)},"object":{"id":${quoted(object.id)},"kind":${quoted(object.kind)}}` +
    `,"organisationId":"${organisationId}","previousHash":"${previousHash}","result":${quoted(result)}` +
    `,"sequence":${sequence}${source === undefined ? '' : `,"source":${quoted(source)}`}}`
  )
}

/** Nothing in it but what a record has, and nothing whose spelling is not plain. */
function isPlain(record: Content): boolean {
  const { actor, object, detail, atMs, sequence, organisationId, previousHash } = record
  return (
    membersOf(record) === 9 + ('source' in record ? 1 : 0) + ('hash' in record ? 1 : 0) &&
    isObject(actor) &&
    isObject(object) &&
    isObject(detail) &&
    membersOf(actor) === 3 &&
    membersOf(object) === 2 &&
    Number.isSafeInteger(atMs) &&
    Number.isSafeInteger(sequence) &&
    isBare(actor.kind) &&
    isBare(organisationId) &&
    isBare(previousHash) &&
    hasOnlyText(record)
  )
}

const hasOnlyText = ({ action, actor, object, result, source }: Content) =>
  isText(action) &&
  isText(actor.id) &&
  isText(actor.name) &&
  isText(object.id) &&
  isText(object.kind) &&
  isText(result) &&
  (source === undefined || isText(source))

const membersOf = (value: object) => Object.keys(value).length

/** A copy costs as much as the hash itself; so only what is not plain is copied. */
function withoutHash(record: Content & { hash?: unknown }): Content {
  const { hash: _, ...content } = record
  return content
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown) => typeof value === 'string' && value.isWellFormed()

/** Ids and hashes: nothing in them is ever escaped. */
const isBare = (value: unknown) => typeof value === 'string' && /^[\w:]+$/.test(value)

/** Nearly all words of a record have nothing to escape. */
const quoted = (text: string) => (/^[\w.:/ -]*$/.test(text) ? `"${text}"` : JSON.stringify(text))
