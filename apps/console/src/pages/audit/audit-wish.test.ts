import { expect, test } from 'vitest'
import { auditWish } from './audit-wish.ts'

const NOW_MS = Date.UTC(2026, 10, 24)

test('a span is so long before now, an instant is one, and what is neither asks for nothing', () => {
  expect(auditWish({ from: '24h', to: '2026-11-24T00:30Z' }, NOW_MS)).toEqual({
    fromMs: NOW_MS - 86_400_000,
    toMs: NOW_MS + 1_800_000,
  })
  expect(auditWish({ from: 'yesterday', to: '-1', actor: '', result: 'refused' }, NOW_MS)).toEqual({
    result: 'refused',
  })
})
