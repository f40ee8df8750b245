import { expect, test, vi } from 'vitest'
import { createConditions } from './conditions.ts'

test('reports each change once: a new message is a change, the same message is none', () => {
  const log = { warn: vi.fn(), info: vi.fn() }
  const onChange = vi.fn()
  const conditions = createConditions(log, onChange)
  conditions.raise({ code: 'disk_low', message: '3 MB are free' })
  conditions.raise({ code: 'disk_low', message: '3 MB are free' })
  conditions.raise({ code: 'disk_low', message: '2 MB are free' })
  expect(conditions.list()).toEqual([{ code: 'disk_low', message: '2 MB are free' }])
  expect([onChange.mock.calls.length, log.warn.mock.calls.length]).toEqual([2, 1])
  conditions.clear('disk_low')
  conditions.clear('disk_low')
  expect(conditions.list()).toEqual([])
  expect([onChange.mock.calls.length, log.info.mock.calls.length]).toEqual([3, 1])
})
