import { AuditRecord } from '@skerry/contract/audit/audit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asciiText, syslogCheckpoint, syslogRecord } from './syslog-message.ts'

const hash = `sha256:${'ab'.repeat(32)}`
const recordOf = (changes: object = {}) =>
  AuditRecord.parse({
    organisationId: 'org_aaaaaaaa',
    sequence: 7,
    atMs: 1_764_151_200_123,
    action: 'site.apply',
    result: 'ok',
    actor: { kind: 'key', id: 'key_aaaaaaaa', name: 'owner' },
    object: { kind: 'site', id: 'oslo' },
    source: '10.0.0.1',
    detail: {},
    previousHash: hash,
    hash,
    ...changes,
  })
const origin = { host: 'hub.example', facility: 13 }

test('an audit record becomes an RFC 5424 message that contains its export line', () => {
  const record = recordOf()
  expect(syslogRecord(record, origin)).toBe(
    `<110>1 2025-11-26T10:00:00.123Z hub.example skerry-hub - site.apply [skerry@32473 seq="7" org="org_aaaaaaaa" actorKind="key" actorId="key_aaaaaaaa" actor="owner" action="site.apply" objectKind="site" object="oslo" result="ok" source="10.0.0.1" hash="${hash}"] ${JSON.stringify(record)}`,
  )
})

test('a dry run is marked in the structured data', () => {
  expect(syslogRecord(recordOf({ detail: { dryRun: true } }), origin)).toContain(
    ' source="10.0.0.1" dryRun="true" hash=',
  )
})

test('a rejected action is a warning, and an intrusion finding is an alert', () => {
  expect(syslogRecord(recordOf({ result: 'permission_denied' }), origin)).toMatch(/^<108>1 /)
  expect(syslogRecord(recordOf({ action: 'intrusion.found' }), { ...origin, facility: 16 })).toMatch(/^<129>1 /)
})

test('a checkpoint is sent as well, with its signature', () => {
  const checkpoint = {
    v: 1 as const,
    organisationId: recordOf().organisationId,
    sequence: 7,
    hash: recordOf().hash,
    atMs: 0,
    keyId: 'cd'.repeat(32),
    signature: 'AAAA',
  }
  const message = syslogCheckpoint(checkpoint, origin)
  expect(message).toMatch(
    /^<110>1 1970-01-01T00:00:00\.000Z hub\.example skerry-hub - checkpoint \[skerry@32473 seq="7"/,
  )
  expect(message.endsWith(` ${JSON.stringify({ checkpoint })}`)).toBe(true)
})

/** [RFC 5424 6] As a receiver reads it: header, structured data, the rest. */
const SHAPE =
  /^<(\d{1,3})>1 (\S+) (\S{1,255}) skerry-hub - (\S{1,32}) \[skerry@32473((?: [A-Za-z]+="(?:\\["\\\]]|[^"\\\]])*")+)\] ([\x20-\x7e]+)$/

test('for any text in a record, the message keeps its format and can be read back', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const unlike = fc.record({
    action: text,
    result: text,
    actorName: text,
    objectId: text,
    atMs: fc.nat(4_102_444_800_000),
    host: text,
  })
  fc.assert(
    fc.property(unlike, ({ action, result, actorName, objectId, atMs, host }) => {
      const actor = { kind: 'key', id: 'key_aaaaaaaa', name: actorName }
      const record = recordOf({ action, result, atMs, actor, object: { kind: 'site', id: objectId } })
      const [, priority, at, , , , body = ''] = SHAPE.exec(syslogRecord(record, { ...origin, host })) ?? []
      expect(Number(priority)).toBeLessThan(192)
      expect(at).toBe(new Date(atMs).toISOString())
      expect(JSON.parse(body)).toEqual(record)
    }),
  )
})

test('escaped JSON has the same meaning', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(JSON.parse(asciiText(json))).toEqual(JSON.parse(json))
    }),
  )
})
