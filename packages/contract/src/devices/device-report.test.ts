import { expect, test } from 'vitest'
import { type ReportMessage, readReport } from './device-report.ts'
import { FIGURES_MAX } from './item.ts'

const digest = `sha256:${'a'.repeat(64)}`
const item = {
  kind: 'model',
  name: 'pump',
  deploymentId: 'dep_abcdefgh2345',
  target: { revision: 1, version: 1, digest, retryToken: 0 },
  state: 'active',
  sinceMs: 1,
  serving: { version: 1, digest },
}
const read = (figures: unknown) => readReport({ items: [{ ...item, figures }] } as ReportMessage)

test('a kind reports figures and texts of its own', () => {
  const figures = { text: 'Welcome aboard.', restarts: 2, isHealthy: true }
  expect(read(figures)).toMatchObject({ report: { items: [{ name: 'pump', figures }] }, unread: [] })
})

test.each([
  ['a structure', { restarts: 2, ports: [80, 443] }],
  ['a text that is too long', { restarts: 2, log: 'x'.repeat(201) }],
  ['a name that is none', { restarts: 2, 'no name': 1, __proto__: { a: 1 } }],
])('of the figures of a newer agent, %s is dropped alone', (_what, figures) => {
  const { report, unread } = read(figures)
  expect(unread).toEqual([])
  expect(report.items[0]?.figures).toEqual({ restarts: 2 })
})

test.each([null, 'many', [1], {}, { 'no name': 1 }])('an item counts without figures where they are %j', (figures) => {
  const { report, unread } = read(figures)
  expect(unread).toEqual([])
  expect(report.items).toHaveLength(1)
  expect(report.items[0]).not.toHaveProperty('figures')
})

test('more figures than a report has room for are dropped', () => {
  const many = Object.fromEntries(Array.from({ length: FIGURES_MAX + 3 }, (_, index) => [`f${index}`, index]))
  expect(Object.keys(read(many).report.items[0]?.figures ?? {})).toHaveLength(FIGURES_MAX)
})
