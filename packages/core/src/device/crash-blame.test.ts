import type { DesiredItem } from '@skerry/contract/devices/desired'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { blameCrash, type RunnerCrash } from './crash-blame.ts'
import { type ItemEvent, type ItemLife, newItemLife, stepItem } from './item-life.ts'

const itemOf = (model: string) => buildDesiredItem({ name: model, version: model.length })
const [loading, proving, active, other] = ['loading', 'proving', 'active', 'otheractive'].map(itemOf) as [
  DesiredItem,
  DesiredItem,
  DesiredItem,
  DesiredItem,
]
const path = (['fetch-started', 'fetched', 'verified', 'loaded', 'golden-passed', 'probation-passed'] as const).map(
  (kind): ItemEvent => ({ kind }),
)
const lifeOf = (item: DesiredItem, steps: number): ItemLife =>
  path.slice(0, steps).reduce((life, event) => stepItem(life, event, 1), newItemLife(item, 0))
const lives = [lifeOf(loading, 3), lifeOf(proving, 5), lifeOf(active, 6), lifeOf(other, 6)]

const blame = (crash: Partial<RunnerCrash>) =>
  blameCrash(lives, {
    kind: 'crashed',
    message: 'SIGFPE',
    busyWith: undefined,
    running: [],
    loaded: [proving, active, other],
    ...crash,
  }).map(({ item, event }) => {
    const more = 'isCertain' in event && event.isCertain ? ' certain' : 'isBlameless' in event ? ' blameless' : ''
    return `${item.name}: ${event.kind}${more}`
  })

test.each<[string, Partial<RunnerCrash>, string[]]>([
  ['a clean stop', { kind: 'stopped', running: [active], busyWith: loading }, []],
  ['a port in use', { kind: 'refused' }, ['loading: interrupted blameless', 'proving: interrupted blameless']],
  [
    'an end for a culprit that is known',
    { kind: 'refused', running: [proving, active] },
    ['loading: interrupted blameless', 'proving: interrupted blameless'],
  ],
  ['a kill', { kind: 'killed', running: [active] }, ['loading: interrupted blameless', 'proving: interrupted']],
  ['a kill in a load', { kind: 'killed', busyWith: loading }, ['loading: interrupted', 'proving: interrupted']],
  ['a crash of nobody known', {}, ['loading: interrupted blameless', 'proving: runner-crashed']],
  [
    'a crash of nobody known, while the one on probation was in a process of its own',
    { loaded: [active, other] },
    ['loading: interrupted blameless', 'proving: interrupted blameless'],
  ],
  [
    'a crash of one that proved itself',
    { running: [active] },
    ['loading: interrupted blameless', 'proving: interrupted blameless', 'active: suspected certain'],
  ],
  [
    'a crash of one on probation',
    { running: [proving] },
    ['loading: interrupted blameless', 'proving: runner-crashed'],
  ],
  [
    'a crash while one on probation ran beside another',
    { running: [proving, active] },
    ['loading: interrupted blameless', 'proving: suspected', 'proving: interrupted blameless', 'active: suspected'],
  ],
  ['a crash in a load', { busyWith: loading }, ['loading: runner-crashed', 'proving: interrupted blameless']],
  [
    'a crash in a load, marked as running',
    { busyWith: loading, running: [loading] },
    ['loading: runner-crashed', 'proving: interrupted blameless'],
  ],
  [
    'a crash in a load while another ran',
    { busyWith: loading, running: [active] },
    ['loading: suspected', 'loading: interrupted blameless', 'proving: interrupted blameless', 'active: suspected'],
  ],
  [
    'a crash in the load of what proved itself',
    { busyWith: other },
    ['loading: interrupted blameless', 'proving: interrupted blameless'],
  ],
  [
    'a runner that hangs',
    { kind: 'hung', running: [active, other] },
    ['loading: interrupted blameless', 'proving: interrupted blameless', 'active: suspected', 'otheractive: suspected'],
  ],
])('%s', (_, crash, expected) => {
  expect(blame(crash)).toEqual(expected)
})

test('the serving version of a model whose next one is tried is suspected under its own digest', () => {
  const next = buildDesiredItem({ name: 'active', version: 99 })
  const life = path.slice(0, 5).reduce((one, event) => stepItem(one, event, 2), {
    ...stepItem(lifeOf(active, 6), { kind: 'targeted', item: next }, 2),
  })
  const crash = { kind: 'crashed' as const, message: 'SIGFPE', busyWith: undefined, loaded: [next, active] }
  const blames = blameCrash([life], { ...crash, running: [active] })
  expect(blames.map(({ event }) => event)).toEqual([
    { kind: 'suspected', digest: active.digest, message: 'SIGFPE', isCertain: true },
    { kind: 'interrupted', isBlameless: true },
  ])
})
