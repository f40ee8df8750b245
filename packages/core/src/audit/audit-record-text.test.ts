import type { AuditRecord } from '@skerry/contract/audit/audit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../values/canonical-json.ts'
import { auditRecordText } from './audit-record-text.ts'

type Content = Omit<AuditRecord, 'hash'>

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('site.apply', '127.0.0.1', 'a"b', 'tab\t', '\u2028'),
)
const record = fc.record(
  {
    organisationId: fc.constantFrom('org_aaaaaaaa', 'org"'),
    sequence: fc.oneof(fc.nat(), fc.double()),
    atMs: fc.nat(),
    actor: fc.record({ kind: fc.constantFrom('key', 'hub', '"'), id: text, name: text }),
    action: text,
    object: fc.record({ kind: text, id: text }),
    source: fc.option(text, { nil: undefined }),
    result: text,
    detail: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })),
    previousHash: fc.constant(`sha256:${'0'.repeat(64)}`),
  },
  { requiredKeys: [] },
)

/** The text, or that there is none. */
function spelled(spell: (value: Content) => string, value: Content): string {
  try {
    return spell(value)
  } catch {
    return 'refused'
  }
}

test('is the canonical JSON of all but the hash of whatever claims to be a record, and refuses what that refuses', () => {
  const extra = fc.dictionary(fc.constantFrom('extra', 'hash', 'source'), fc.jsonValue(), { maxKeys: 1 })
  fc.assert(
    fc.property(record, extra, (value, more) => {
      const claimed = { ...value, ...more } as Content & { hash?: unknown }
      const { hash: _, ...content } = claimed
      expect(spelled(auditRecordText, claimed)).toBe(spelled(canonicalJson, content))
    }),
    { numRuns: 500 },
  )
})
