import { PartStanding } from '@skerry/contract/systems/system-release'
import { DeploymentId } from '@skerry/contract/values/ids'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advanceStage,
  aimStage,
  isReturned,
  isWhole,
  type PartReport,
  type ReleasePart,
  releaseSteps,
  type Stage,
  type StagedPart,
  type StageFacts,
  stagedParts,
  type Wanted,
} from './stage.ts'
import { partStandings, stageSummary } from './stage-words.ts'

const deploymentId = DeploymentId.parse('dep_aaaaaaaa')

const part = (kind: ReleasePart['kind'], name: string, version: number): ReleasePart => ({
  kind,
  name,
  version,
  digest: fakeDigest(version * 100 + name.length),
  sizeBytes: 1_000,
})

/** Revision 1 has a part that no later one has, and revision 3 has a part that no earlier one has. */
const RELEASES: Readonly<Record<number, readonly ReleasePart[]>> = {
  1: [part('model', 'vibration', 1), part('flow', 'watch', 1), part('data', 'limits', 1)],
  2: [part('agent', 'skerry-agent', 2), part('model', 'vibration', 2), part('flow', 'watch', 1)],
  3: [part('model', 'vibration', 3), part('app', 'dash', 1), part('flow', 'watch', 3)],
}
const partsOf = (revision: number) => RELEASES[revision] ?? []

/** A device that obeys each document at once, and fails the parts that it is told to fail. */
function device(failing: ReadonlySet<string> = new Set()) {
  let items = new Map<string, PartReport>()
  return {
    follow(document: readonly StagedPart[], retryToken: number) {
      items = new Map(
        document.map(({ revision, part: { name, version, digest } }): [string, PartReport] => {
          const hasFailed = failing.has(`${name}:${version}`)
          const target = { revision, version, digest, retryToken }
          const cause = { code: 'golden_mismatch', message: 'an answer differs' }
          return [name, { deploymentId, target, state: hasFailed ? 'failed' : 'active', ...(hasFailed && { cause }) }]
        }),
      )
    },
    facts: (): StageFacts => ({ deploymentId, partsOf, reportOf: (name) => items.get(name) }),
    crash(name: string) {
      const item = items.get(name)
      if (item) items.set(name, { ...item, cause: { code: 'model_crashing', message: 'it crashed' } })
    },
  }
}

const want = (revision: number | undefined, previous?: number, retryToken = 0): Wanted => ({
  revision,
  previous,
  retryToken,
})

/** Aims and advances until nothing changes. Returns the stage, and each document on the way. */
function settle(start: Stage | undefined, wanted: Wanted, on: ReturnType<typeof device>) {
  const documents: string[][] = []
  let stage = start
  for (let turn = 0; turn < 50; turn++) {
    const aimed = aimStage(stage, wanted, partsOf)
    const document = aimed ? stagedParts(aimed, partsOf) : []
    documents.push(document.map(({ revision, part: { name, version } }) => `${revision} ${name}:${version}`))
    on.follow(document, aimed?.retryToken ?? 0)
    stage = aimed && advanceStage(aimed, on.facts())
    if (JSON.stringify(stage) === JSON.stringify(aimed)) return { stage, documents }
  }
  throw new Error('the stage does not settle')
}

const whole = (to: number): Stage => ({ to, at: partsOf(to).length, isBack: false, retryToken: 0 })

describe('a release goes out', () => {
  test('part by part, and the parts that it no longer has are removed last', () => {
    const { stage, documents } = settle(whole(1), want(2, 1), device())
    expect(documents.slice(0, 5)).toEqual([
      ['2 skerry-agent:2', '1 vibration:1', '1 watch:1', '1 limits:1'],
      ['2 skerry-agent:2', '2 vibration:2', '1 watch:1', '1 limits:1'],
      ['2 skerry-agent:2', '2 vibration:2', '2 watch:1', '1 limits:1'],
      ['2 skerry-agent:2', '2 vibration:2', '2 watch:1'],
      ['2 skerry-agent:2', '2 vibration:2', '2 watch:1'],
    ])
    expect(stage && isWhole(stage, releaseSteps(stage, partsOf))).toBe(true)
    expect(stageSummary(stage as Stage, partsOf)).toBe('has all 3 parts of the system')
  })

  test('the next part waits until the one before is healthy', () => {
    const on = device()
    const begun = aimStage(undefined, want(1), partsOf) as Stage
    expect(advanceStage(begun, on.facts())).toBe(begun)
    on.follow(stagedParts(begun, partsOf), 1)
    // The report answers another retry.
    expect(advanceStage(begun, on.facts())).toBe(begun)
    on.follow(stagedParts(begun, partsOf), 0)
    expect(advanceStage(begun, on.facts())).toEqual({ ...begun, at: 1 })
    expect(stageSummary(begun, partsOf)).toBe('is at step 1 of 3, the model vibration version 1')
  })
})

describe('a failure returns the whole', () => {
  test('in the reverse order, to the release before', () => {
    const on = device(new Set(['watch:3']))
    const { stage, documents } = settle(whole(2), want(3, 2), on)
    expect(documents).toEqual([
      ['3 vibration:3', '2 watch:1', '2 skerry-agent:2'],
      ['3 vibration:3', '3 dash:1', '2 watch:1', '2 skerry-agent:2'],
      ['3 vibration:3', '3 dash:1', '3 watch:3', '2 skerry-agent:2'],
      ['3 vibration:3', '3 dash:1', '2 watch:1', '2 skerry-agent:2'],
      ['3 vibration:3', '2 watch:1', '2 skerry-agent:2'],
      ['2 vibration:2', '2 watch:1', '2 skerry-agent:2'],
      ['2 vibration:2', '2 watch:1', '2 skerry-agent:2'],
    ])
    expect(stage && isReturned(stage)).toBe(true)
    expect(
      partStandings(stage as Stage, partsOf).map(({ name, state, failure }) => [name, state, failure?.code]),
    ).toEqual([
      ['vibration', 'returned', undefined],
      ['dash', 'returned', undefined],
      ['watch', 'returned', 'golden_mismatch'],
      ['skerry-agent', 'returned', undefined],
    ])
    expect(stageSummary(stage as Stage, partsOf)).toContain('because its part watch failed: an answer differs')
  })

  test('the words of a part have only what the contract has, also of a failure that the device remembers', () => {
    const cause = { code: 'golden_mismatch', message: 'an answer differs', remembered: true } as const
    const failure = { part: 'watch', outcome: 'failed', cause } as const
    const stage: Stage = { to: 3, from: 2, at: 2, isBack: true, retryToken: 0, failure }
    const standings = partStandings(stage, partsOf)
    expect(standings.map((standing) => PartStanding.parse(standing))).toEqual(standings)
    expect(standings.find(({ name }) => name === 'watch')?.failure).toEqual({
      code: 'golden_mismatch',
      message: 'an answer differs',
    })
  })

  test('of a first release removes all parts', () => {
    const { stage, documents } = settle(undefined, want(1), device(new Set(['limits:1'])))
    expect(documents.at(-1)).toEqual([])
    expect(stage).toMatchObject({ to: 1, at: -1, isBack: true, failure: { part: 'limits', outcome: 'failed' } })
  })

  test('also if a part crashes after the device has had the whole', () => {
    const on = device()
    const { stage } = settle(whole(1), want(3, 1), on)
    on.crash('vibration')
    const broken = advanceStage(stage as Stage, on.facts())
    expect(broken).toMatchObject({ isBack: true, at: 3, failure: { part: 'vibration' } })
    const after = settle(broken, want(3, 1), on)
    expect(after.documents.at(-1)).toEqual(['1 vibration:1', '1 watch:1', '1 limits:1'])
  })

  test('and a part that fails on its way back does not hold up the others', () => {
    const { stage } = settle(whole(1), want(3, 1), device(new Set(['watch:3', 'watch:1', 'limits:1'])))
    expect(stage && isReturned(stage)).toBe(true)
  })
})

test('a retry begins again where the device stands, and a repeated intent changes nothing', () => {
  const { stage } = settle(whole(1), want(2, 1), device(new Set(['vibration:2'])))
  expect(aimStage(stage, want(2, 1), partsOf)).toBe(stage)
  const retried = settle(stage, want(2, 1, 1), device())
  expect(retried.documents[0]).toEqual(['2 skerry-agent:2', '1 vibration:1', '1 watch:1', '1 limits:1'])
  expect(retried.stage).toMatchObject({ to: 2, at: 4, isBack: false, retryToken: 1 })
})

test('a withdrawn release goes back part by part, and a removed deployment leaves nothing', () => {
  const withdrawn = settle({ to: 2, from: 1, at: 4, isBack: false, retryToken: 0 }, want(1, 1), device())
  expect(withdrawn.documents[0]).toContain('1 limits:1')
  expect(withdrawn.documents.at(-1)).toEqual(['1 vibration:1', '1 watch:1', '1 limits:1'])
  expect(withdrawn.stage).toEqual(whole(1))
  const gone = settle({ to: 2, from: 1, at: 1, isBack: false, retryToken: 0 }, want(undefined), device())
  expect(gone.documents.at(-1)).toEqual([])
  expect(gone.stage).toBeUndefined()
})

type Wish = { revision: number | undefined; token: number; failing: readonly string[]; turns: number }

/** The stages of one wish, with the laws about each document. */
function obey(start: Stage | undefined, { revision, token, failing, turns }: Wish): Stage | undefined {
  const on = device(new Set(failing))
  let stage = start
  for (let turn = 0; turn < turns; turn++) {
    const before = stage
    stage = aimStage(before, want(revision, before?.to, token), partsOf)
    expect(startsFromWhole(before, stage)).toBe(true)
    const document = stage ? stagedParts(stage, partsOf) : []
    const names = document.map(({ part: { name } }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(document.map((one) => one.revision)).size).toBeLessThanOrEqual(2)
    on.follow(document, stage?.retryToken ?? 0)
    stage = stage && advanceStage(stage, on.facts())
  }
  return stage
}

const startsFromWhole = (before: Stage | undefined, after: Stage | undefined) =>
  !before || !after || after.to === before.to || isReturned(before) || isWhole(before, releaseSteps(before, partsOf))

test('a document has parts of two releases at most, each change starts from a whole, and each intent is reached', () => {
  const wish = fc.record({
    revision: fc.constantFrom(1, 2, 3, undefined),
    token: fc.integer({ min: 0, max: 2 }),
    failing: fc.uniqueArray(fc.constantFrom('vibration:2', 'watch:3', 'dash:1', 'limits:1', 'skerry-agent:2')),
    turns: fc.integer({ min: 1, max: 12 }),
  })
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 8 }), (wishes) => {
      let stage = wishes.reduce<Stage | undefined>(obey, undefined)
      for (const revision of [1, 2, 3]) {
        stage = settle(stage, want(revision, undefined, 9), device()).stage
        expect(stage).toMatchObject({ to: revision, isBack: false })
        expect(stage && isWhole(stage, releaseSteps(stage, partsOf))).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})
