/**
 * Syslog message: a record or a checkpoint of the audit trail as a syslog receiver gets it [RFC 5424]. The structured
 * data identifies it. The message is the line of an export, so that collected messages can be verified as an export is.
 *
 *     <110>1 2026-11-26T10:00:00.000Z hub.example skerry-hub - site.apply [skerry@32473 seq="7" ...]
 *         {"action":"site.apply",...}
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { isDryRun } from './audit-words.ts'

export type SyslogOrigin = { host: string; facility: number }

/** [RFC 5424 7.2.2, RFC 5612] A name needs the number of an enterprise; this one is reserved for examples. */
const ID = 'skerry@32473'

/** [RFC 5424 6.2.1] */
const SEVERITY = { alert: 1, warning: 4, informational: 6 } as const

export function syslogRecord(record: AuditRecord, origin: SyslogOrigin): string {
  const { sequence, organisationId, atMs, actor, action, object, source, result, hash } = record
  const names = {
    seq: String(sequence),
    org: organisationId,
    actorKind: actor.kind,
    actorId: actor.id,
    actor: actor.name,
    action,
    objectKind: object.kind,
    object: object.id,
    result,
    ...(source !== undefined && { source }),
    ...(isDryRun(record) && { dryRun: 'true' }),
    hash,
  }
  return messageOf({ atMs, severity: severityOf(record), name: action, names, body: record }, origin)
}

export function syslogCheckpoint(checkpoint: AuditCheckpoint, origin: SyslogOrigin): string {
  const { sequence, organisationId, atMs, hash, keyId } = checkpoint
  const names = { seq: String(sequence), org: organisationId, keyId, hash }
  return messageOf({ atMs, severity: 'informational', name: 'checkpoint', names, body: { checkpoint } }, origin)
}

/**
 * JSON in ASCII: [RFC 5424 6.4] a message in UTF-8 would have to begin with a byte order mark, which breaks programs
 * that read JSON.
 */
export const asciiJson = (value: unknown): string => asciiText(JSON.stringify(value))

/** The same JSON text, each character beyond ASCII escaped. */
export const asciiText = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

function severityOf({ action, result }: AuditRecord): keyof typeof SEVERITY {
  if (action === 'intrusion.found') return 'alert'
  return result === 'ok' ? 'informational' : 'warning'
}

type Message = {
  atMs: number
  severity: keyof typeof SEVERITY
  name: string
  names: Readonly<Record<string, string>>
  body: object
}

function messageOf({ atMs, severity, name, names, body }: Message, { host, facility }: SyslogOrigin): string {
  const priority = facility * 8 + SEVERITY[severity]
  const data = Object.entries(names).map(([key, value]) => ` ${key}="${parameter(value)}"`)
  const header = `<${priority}>1 ${instant(atMs)} ${word(host, 255)} skerry-hub - ${word(name, 32)}`
  return `${header} [${ID}${data.join('')}] ${asciiJson(body)}`
}

/** [RFC 5424 6.2.3] Milliseconds, in UTC; core has no clock, and its calendar is that of RFC 3339. */
function instant(atMs: number): string {
  const days = Math.floor(atMs / 86_400_000)
  const inDay = atMs - days * 86_400_000
  const { year, month, day } = civil(days)
  const clock = [inDay / 3_600_000, (inDay / 60_000) % 60, (inDay / 1_000) % 60].map((part) => padded(part, 2))
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}T${clock.join(':')}.${padded(inDay % 1_000, 3)}Z`
}

const padded = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0')

/** [Hinnant, chrono-compatible low-level date algorithms] Days since 1970-01-01 as a date. */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153)
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** [RFC 5424 6] A field of the header: printable ASCII without spaces; `-` if nothing is left. */
const word = (text: string, max: number) => text.replace(/[^\x21-\x7e]/g, '?').slice(0, max) || '-'

/** [RFC 5424 6.3.3] Quote, backslash and bracket are escaped; characters that control a terminal are replaced. */
const parameter = (text: string) => text.replace(/[\p{Cc}\p{Cs}]/gu, '?').replace(/["\\\]]/g, '\\$&')
