/** Laws of alerts, whatever is wrong. */
import { ALERT_OBJECTS_MAX, ALERTS_MAX, AlertSeverity, Alerts } from '@skerry/contract/alerts/alert'
import { Recipe } from '@skerry/contract/builds/build'
import { OptimisationId, RolloutId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AlertFacts, NO_FACTS } from './alert-facts.ts'
import { alertsOf } from './alerts.ts'

const NOW_MS = Date.UTC(2026, 10, 25, 10)

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/)
const count = fc.integer({ min: 1, max: 100_000 })
const groups = fc.uniqueArray(
  fc.record({ site: name, device: name, count, sinceMs: fc.option(fc.nat(), { nil: undefined }) }),
  { selector: ({ site }) => site, maxLength: 40 },
)
const devices = fc.record({
  count: fc.integer({ min: 6, max: 9 }),
  devices: fc.array(name, { minLength: 1, maxLength: 5 }),
})
const down = fc.record({
  count: fc.integer({ min: 5, max: 100_000 }),
  oldest: fc.array(
    fc.record({
      name,
      device: name,
      sinceMs: fc.nat(),
      message: fc.option(fc.string({ maxLength: 1_000 }), { nil: undefined }),
    }),
    { maxLength: 5 },
  ),
})
const answer = fc.record({
  state: fc.constantFrom('acknowledged' as const, 'shelved' as const),
  by: name,
  atMs: fc.nat(),
  comment: fc.string({ maxLength: 500 }),
})
const facts: fc.Arbitrary<AlertFacts> = fc.record({
  alarms: fc.array(
    fc.record({
      signal: fc.constantFrom('pump/alarm', 'press/alarm'),
      condition: fc.string({ maxLength: 300 }),
      texts: fc.constant([{ signal: 'pump/cause', name: 'cause' }]),
      inputs: fc.array(fc.record({ source: name, tag: name }), { maxLength: 3 }),
      device: name,
      site: name,
      sinceMs: fc.nat(),
      isSilent: fc.boolean(),
      reasons: fc.dictionary(fc.constant('pump/cause'), fc.string({ maxLength: 5_000 })),
      answer: fc.option(answer, { nil: undefined }),
    }),
    { maxLength: 12 },
  ),
  failed: groups,
  degraded: groups,
  stale: groups,
  unheard: groups,
  pending: groups,
  duplicated: groups,
  conflictPaused: groups,
  quarantined: groups,
  troubles: fc.array(fc.tuple(name, devices), { maxLength: 150 }).map((entries) => new Map(entries)),
  certificatesEnded: fc.option(
    devices.map((group) => ({ ...group, dueMs: 1 })),
    { nil: undefined },
  ),
  certificatesEnding: fc.constant(undefined),
  loosened: fc.constant(undefined),
  rollouts: fc.array(
    fc.record({
      id: fc.constant(RolloutId.parse('rol_aaaaaaaaaaaaaaaa')),
      deployment: name,
      revision: count,
      timedOut: fc.nat(),
      status: fc.constantFrom('rolling', 'paused', 'aborted', 'rolled-back'),
      decidedByHubAtMs: fc.option(fc.nat(), { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
  emptied: fc.array(
    fc.record({
      deployment: name,
      deployable: name,
      sinceMs: fc.nat(),
      rolloutId: fc.constant(RolloutId.parse('rol_aaaaaaaaaaaaaaaa')),
    }),
    { maxLength: 3 },
  ),
  moved: fc.array(
    fc.record({
      model: name,
      version: count,
      sinceMs: fc.nat(),
      features: fc.array(fc.record({ feature: name, findings: fc.array(fc.constantFrom('drift', 'stuck')) })),
    }),
    { maxLength: 3 },
  ),
  slow: fc.array(
    fc.record({
      proposal: fc.record({
        model: name,
        version: count,
        goal: fc.record({ agreementMin: fc.constant(1), differenceMax: fc.nat(), p95MaxMs: count }),
        recipes: fc.subarray([...Recipe.options]),
      }),
      optimisation: fc.constant(OptimisationId.parse('opt_aaaaaaaaaaaaaaaa')),
      device: name,
      count,
      p95Us: count,
    }),
    { maxLength: 3 },
  ),
  vulnerable: fc.option(
    fc.record({
      count,
      worst: fc.record({ id: name, severity: fc.constantFrom('critical' as const, 'high' as const), devices: count }),
    }),
    { nil: undefined },
  ),
  invalidAnswers: fc.array(
    fc.record({
      model: name,
      version: count,
      device: name,
      count,
      invalidShare: fc.double({ min: 0, max: 1, noNaN: true }),
      deployment: fc.option(name, { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
  down: fc.record({ source: down, sink: down }),
  answeredDown: fc.uniqueArray(
    fc
      .tuple(down, fc.constantFrom('source' as const, 'sink' as const), answer)
      .map(([group, kind, given]) => ({ ...group, kind, answer: given })),
    { selector: ({ kind, answer: { state } }) => `${kind} ${state}`, maxLength: 4 },
  ),
  certificateNotAfterMs: fc.option(fc.nat(), { nil: undefined }),
  authorityNotAfterMs: fc.constant(undefined),
  disk: fc.constantFrom('roomy', 'low', 'full'),
  files: fc.option(
    fc.record({ kind: fc.constantFrom('foreign', 'strays', 'halted'), count, files: count, sinceMs: fc.nat() }),
    { nil: undefined },
  ),
  intrusions: fc.constant([]),
  keys: fc.array(fc.record({ name, expiresAtMs: fc.nat() }), { maxLength: 20 }),
})

test('for any facts, alerts fit their schema, are sorted by severity with the answered ones last, and count the omitted ones', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const { alerts, omitted } = alertsOf(given, NOW_MS)
      Alerts.parse({ alerts, omitted, unknownDevices: 0 })
      expect(alerts.length).toBeLessThanOrEqual(ALERTS_MAX)
      if (omitted > 0) expect(alerts.length).toBe(ALERTS_MAX)
      const answered = AlertSeverity.options.length
      const order = alerts.map((alert) => AlertSeverity.options.indexOf(alert.severity) + (alert.answer ? answered : 0))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      for (const { objects } of alerts) expect(objects.length).toBeLessThanOrEqual(ALERT_OBJECTS_MAX)
    }),
  )
})

test('for any groups of places, each device is counted exactly once', () => {
  fc.assert(
    fc.property(groups, (failed) => {
      const total = failed.reduce((sum, group) => sum + group.count, 0)
      expect(alertsOf({ ...NO_FACTS, failed }, NOW_MS).alerts.reduce((sum, alert) => sum + alert.count, 0)).toBe(total)
    }),
  )
})
