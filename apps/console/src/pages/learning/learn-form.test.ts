import { expect, test } from 'vitest'
import { FIRST_LEARNING, type LearnForm, readLearnForm } from './learn-form.ts'

const FORM: LearnForm = { ...FIRST_LEARNING, device: 'line-1', source: 'plc', tags: ['bar'], name: 'pump' }

test('the form is an order for one machine, with the units of its fields', () => {
  const read = readLearnForm({ ...FORM, amount: '2', unit: 'hours', shadow: '0.5', isDeployed: true })
  expect(read).toMatchObject({
    ok: true,
    wish: {
      of: 'machine',
      spec: { name: 'pump', device: 'line-1', seconds: 7_200, shadowSeconds: 1_800, result: 'deploy' },
      leaveOut: [],
    },
  })
})

test('for each of a fleet, the selector counts and the device only shows the tags', () => {
  const read = readLearnForm({ ...FORM, of: 'fleet', selector: 'site.name == "hamburg"' })
  expect(read).toMatchObject({ ok: true, wish: { of: 'fleet', spec: { selector: 'site.name == "hamburg"' } } })
  expect(read.ok && read.wish.spec).not.toHaveProperty('device')
  expect(readLearnForm({ ...FORM, of: 'fleet' })).toEqual({ ok: false, field: 'selector' })
})

test('a fleet that learns together is one order with one detector', () => {
  const read = readLearnForm({ ...FORM, of: 'together', selector: 'site.name == "hamburg"' })
  expect(read).toMatchObject({ ok: true, wish: { of: 'fleet', spec: { name: 'pump', federated: true } } })
  const each = readLearnForm({ ...FORM, of: 'fleet', selector: 'site.name == "hamburg"' })
  expect(each.ok && each.wish.spec).not.toHaveProperty('federated')
})

test('times to leave out are local times, and a time that ends before it begins does not fit', () => {
  const time = { key: 1, from: '2026-11-30T08:00', to: '2026-11-30T09:30', reason: 'service' }
  const read = readLearnForm({ ...FORM, leaveOut: [time] })
  const [left] = read.ok ? read.wish.leaveOut : []
  expect(left).toEqual({ fromMs: new Date(2026, 10, 30, 8).getTime(), toMs: expect.any(Number), reason: 'service' })
  expect((left?.toMs ?? 0) - (left?.fromMs ?? 0)).toBe(90 * 60_000)
  for (const wrong of [{ to: '2026-11-30T07:00' }, { reason: ' ' }, { from: '' }])
    expect(readLearnForm({ ...FORM, leaveOut: [{ ...time, ...wrong }] })).toEqual({ ok: false, field: 'leaveOut' })
})
