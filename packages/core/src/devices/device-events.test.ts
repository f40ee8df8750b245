import type { DeviceChange, ItemStanding } from '@skerry/contract/devices/device-event'
import { type ItemReport, ItemState } from '@skerry/contract/devices/item'
import { Digest } from '@skerry/contract/values/digest'
import { DeploymentId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  changesBetween,
  type DeviceStanding,
  labelChange,
  RESTART_MS,
  silenceBefore,
  standingOf,
} from './device-events.ts'

const digests = ['a', 'b'].map((letter) => Digest.parse(`sha256:${letter.repeat(64)}`))
const digest = fc.constantFrom(...digests)
const small = fc.integer({ min: 1, max: 3 })
const cause = fc.record({ code: fc.constantFrom('golden_mismatch', 'fetch_failed'), message: fc.string() })
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const item: fc.Arbitrary<ItemReport> = fc
  .record({
    kind: fc.constantFrom('model', 'flow'),
    name: fc.constantFrom('pump', 'press', 'oven'),
    deploymentId: fc.constantFrom(...['dep_aaaaaaaa', 'dep_bbbbbbbb'].map((id) => DeploymentId.parse(id))),
    target: fc.record({ revision: small, version: small, digest, retryToken: fc.nat(1) }),
    state: fc.constantFrom(...ItemState.options),
    cause: optional(cause),
    sinceMs: fc.nat(3),
    serving: optional(fc.record({ version: small, digest })),
    stats: optional(fc.record({ requests: fc.nat(), failures: fc.nat() })),
  })
  .map(({ cause: why, serving, stats, ...rest }) => ({
    ...rest,
    ...(why && { cause: why }),
    ...(serving && { serving }),
    ...(stats && { stats }),
  }))

const standing: fc.Arbitrary<DeviceStanding> = fc.record({
  agentVersion: fc.constantFrom('0.1.0', '0.2.0'),
  bootId: fc.constantFrom('boot-0001', 'boot-0002'),
  observedGeneration: fc.nat(2),
  items: fc.uniqueArray(item, { selector: ({ name: model }) => model }),
  conditions: fc.array(fc.record({ code: fc.constantFrom('disk_low', 'clock_wrong'), message: fc.string() })),
  endpoints: fc.constantFrom({}, { rest: 'http://127.0.0.1:8500' }, { grpc: '127.0.0.1:8501' }),
})

/** The knowledge of a reader who has seen only the events. */
type Known = {
  items: Map<string, ItemStanding>
  conditions: Set<string>
  generation: number
  agent: { bootId: string; version: string } | undefined
  endpoints: DeviceStanding['endpoints']
}

const nothing = (): Known => ({
  items: new Map(),
  conditions: new Set(),
  generation: 0,
  agent: undefined,
  endpoints: {},
})

function read(known: Known, change: DeviceChange): Known {
  if (change.kind === 'item') {
    if (change.after) known.items.set(change.name, change.after)
    else known.items.delete(change.name)
  }
  if (change.kind === 'condition-raised') known.conditions.add(change.code)
  if (change.kind === 'condition-cleared') known.conditions.delete(change.code)
  if (change.kind === 'generation') return { ...known, generation: change.after }
  if (change.kind === 'endpoints') return { ...known, endpoints: change.endpoints }
  if (change.kind === 'agent-started') return { ...known, agent: { bootId: change.bootId, version: change.version } }
  if (change.kind === 'agent-updated' && known.agent) {
    return { ...known, agent: { ...known.agent, version: change.after } }
  }
  return known
}

/** The facts of an item that events report. The words may differ while the trouble is the same. */
const told = (standings: Iterable<[string, ItemStanding]>) =>
  [...standings].map(([model, { cause: why, ...rest }]) => ({ name: model, ...rest, code: why?.code })).sort(byModel)
const byModel = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

test('a repeated report gives no event', () => {
  fc.assert(
    fc.property(standing, (report) => {
      expect(changesBetween(report, report)).toEqual([])
    }),
  )
})

test('for any reports, the events give the current state of the device', () => {
  fc.assert(
    fc.property(fc.array(standing, { minLength: 1, maxLength: 6 }), (reports) => {
      let known = nothing()
      let before: DeviceStanding | undefined
      for (const report of reports) {
        known = changesBetween(before, report).reduce(read, known)
        before = report
        expect(told(known.items)).toEqual(told(report.items.map((each) => [each.name, standingOf(each)])))
        expect(known.conditions).toEqual(new Set(report.conditions.map(({ code }) => code)))
        expect(known.agent).toEqual({ bootId: report.bootId, version: report.agentVersion })
        expect([known.generation, known.endpoints]).toEqual([report.observedGeneration, report.endpoints])
      }
    }),
  )
})

test('lost reports change the events between, but not the final state', () => {
  fc.assert(
    fc.property(standing, fc.array(standing), standing, (first, lost, last) => {
      const start = () => changesBetween(undefined, first).reduce(read, nothing())
      const direct = changesBetween(first, last).reduce(read, start())
      const steps = [first, ...lost, last]
      const whole = steps
        .slice(1)
        .flatMap((report, index) => changesBetween(steps[index], report))
        .reduce(read, start())
      expect(told(direct.items)).toEqual(told(whole.items))
      expect([direct.conditions, direct.agent, direct.generation, direct.endpoints]).toEqual([
        whole.conditions,
        whole.agent,
        whole.generation,
        whole.endpoints,
      ])
    }),
  )
})

const base: DeviceStanding = {
  agentVersion: '0.1.0',
  bootId: 'boot-0001',
  observedGeneration: 1,
  items: [],
  conditions: [],
  endpoints: {},
}
const pump = (changes: Partial<ItemReport> = {}): ItemReport => ({
  kind: 'model',
  name: 'pump',
  deploymentId: DeploymentId.parse('dep_aaaaaaaa'),
  target: { revision: 1, version: 1, digest: digests[0] ?? Digest.parse(''), retryToken: 0 },
  state: 'active',
  sinceMs: 5,
  ...changes,
})

test('an item event names its state before and after, its cause and the device time', () => {
  const why = { code: 'golden_mismatch', message: 'other numbers' }
  const failed = pump({ state: 'failed', cause: why, sinceMs: 9 })
  expect(changesBetween({ ...base, items: [pump()] }, { ...base, items: [failed] })).toEqual([
    {
      kind: 'item',
      name: 'pump',
      before: standingOf(pump()),
      after: { ...standingOf(pump()), state: 'failed', cause: why, sinceMs: 9 },
    },
  ])
  expect(changesBetween({ ...base, items: [failed] }, base)).toMatchObject([
    { name: 'pump', before: { state: 'failed' } },
  ])
})

test('counters and new wording give no event, and a state entered again gives one', () => {
  const waits = (message: string) => pump({ state: 'fetching', cause: { code: 'fetch_failed', message } })
  const stats = { requests: 1, failures: 0 }
  expect(changesBetween({ ...base, items: [waits('a')] }, { ...base, items: [waits('b')] })).toEqual([])
  expect(changesBetween({ ...base, items: [pump()] }, { ...base, items: [pump({ stats })] })).toEqual([])
  expect(changesBetween({ ...base, items: [pump()] }, { ...base, items: [pump({ sinceMs: 6 })] })).toHaveLength(1)
})

test('a new agent process is reported as started, and a new version also as updated', () => {
  expect(changesBetween(undefined, { ...base, observedGeneration: 0 })).toEqual([
    { kind: 'agent-started', bootId: 'boot-0001', version: '0.1.0' },
  ])
  expect(changesBetween(base, { ...base, bootId: 'boot-0002', agentVersion: '0.2.0' })).toEqual([
    { kind: 'agent-updated', before: '0.1.0', after: '0.2.0' },
    { kind: 'agent-started', bootId: 'boot-0002', version: '0.2.0' },
  ])
})

test('a silence is reported when it ends, and only if it was too long', () => {
  const heard = { lastSeenAtMs: 100, staleAtMs: 400 }
  expect(silenceBefore(undefined, 1_000)).toEqual([])
  expect(silenceBefore(heard, 400)).toEqual([])
  expect(silenceBefore(heard, 401)).toEqual([{ kind: 'heard-again', silentSinceMs: 100 }])
})

test('a restart in order is no silence, but a longer stop is', () => {
  const stopped = { lastSeenAtMs: 100, staleAtMs: 100 }
  expect(silenceBefore(stopped, 100 + RESTART_MS)).toEqual([])
  expect(silenceBefore(stopped, 101 + RESTART_MS)).toEqual([{ kind: 'heard-again', silentSinceMs: 100 }])
})

test('a label event names set and removed labels, and equal labels give none', () => {
  expect(labelChange({ line: '1', ring: 'a' }, { line: '2', ring: 'a', team: 'ot' }, 'owner')).toEqual([
    { kind: 'relabelled', by: 'owner', set: { line: '2', team: 'ot' }, removed: [] },
  ])
  expect(labelChange({ line: '1' }, {}, 'owner')).toMatchObject([{ set: {}, removed: ['line'] }])
  expect(labelChange({ line: '1' }, { line: '1' }, 'owner')).toEqual([])
})
