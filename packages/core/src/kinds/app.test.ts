import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { DesiredItem, ItemOf } from '@skerry/contract/devices/desired'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { deployCommand } from '../deployments/deploy-command.ts'
import { shortManifest } from '../deployments/deployment-manifest.ts'
import { type ItemEvent, type ItemLife, isSameLoad, newItemLife, stepItem } from '../device/item-life.ts'
import { kindedSpec } from './kinds.ts'

const item = (config?: Record<string, string | number>): DesiredItem =>
  ({
    ...buildDesiredItem({ kind: 'app', name: 'dashboard', version: 1 }),
    kind: 'app',
    spec: config ? { config } : {},
  }) as ItemOf<'app'>

const cause = { code: 'app_unhealthy', message: 'web is unhealthy' }
const run = (life: ItemLife, ...events: ItemEvent[]) => events.reduce((it, event) => stepItem(it, event, 0), life)
const load: ItemEvent[] = [{ kind: 'fetch-started' }, { kind: 'fetched' }, { kind: 'verified' }, { kind: 'loaded' }]
const active = () => run(newItemLife(item({ MODE: 'one' }), 0), ...load, { kind: 'probation-passed' })

test('an app has no golden cases: it is on probation after its load', () => {
  expect(run(newItemLife(item(), 0), ...load).state).toBe('probation')
})

test('another setting is another load of the same version, and the same setting is not', () => {
  const again = run(active(), { kind: 'targeted', item: item({ MODE: 'one' }) })
  expect(again.state).toBe('active')
  const other = run(active(), { kind: 'targeted', item: item({ MODE: 'two' }) })
  expect(other.state).toBe('absent')
  const passed = run(other, ...load, { kind: 'probation-passed' })
  expect([passed.lastGood?.spec, passed.previousGood?.spec]).toEqual([
    item({ MODE: 'two' }).spec,
    item({ MODE: 'one' }).spec,
  ])
  expect(isSameLoad(item({ A: 1, B: 2 }), item({ B: 2, A: 1 }))).toBe(true)
})

test('a setting that failed is remembered, and does not spoil the version with another one', () => {
  const wrong = run(active(), { kind: 'targeted', item: item({ MODE: 'bad' }) }, ...load, { kind: 'failed', cause })
  expect(wrong).toMatchObject({ state: 'failed', lastGood: { spec: { config: { MODE: 'one' } } } })
  const right = run(wrong, { kind: 'targeted', item: item({ MODE: 'good' }) })
  expect(right.state).toBe('absent')
  expect(run(right, { kind: 'targeted', item: item({ MODE: 'bad' }) })).toMatchObject({ state: 'failed', cause })
  const good = run(right, ...load, { kind: 'probation-passed' })
  expect(run(good, { kind: 'targeted', item: item({ MODE: 'bad' }) }).state, 'still remembered').toBe('failed')
})

test('the settings of a deployment reach the device, its command and its file', () => {
  const spec = DeploymentSpec.parse({ name: 'dashboard', deployable: 'dashboard', config: { MODE: 'a b', LIMIT: 2 } })
  expect(kindedSpec('app', spec)).toEqual({ kind: 'app', spec: { config: { MODE: 'a b', LIMIT: 2 } } })
  expect(kindedSpec('flow', spec).spec).not.toHaveProperty('config')
  expect(deployCommand(spec)).toBe(`skerry deploy dashboard --set 'MODE=a b' --set LIMIT=2`)
  expect(shortManifest(spec).spec).toMatchObject({ config: { MODE: 'a b', LIMIT: 2 } })
  const { config: _, ...bare } = spec
  expect(deployCommand(bare, spec)).toBe('skerry deploy dashboard --unset MODE --unset LIMIT')
})
