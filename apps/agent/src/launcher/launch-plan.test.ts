import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import {
  commitVersion,
  noteFailure,
  readFailures,
  readLaunch,
  relapse,
  versionFolder,
  writeFresh,
  writeTrial,
} from './launch-files.ts'
import {
  afterEnd,
  afterFall,
  FALLS_MAX,
  HANDED_OVER,
  type LaunchState,
  nextLaunch,
  TRIAL_STARTS_MAX,
  type Trial,
} from './launch-plan.ts'

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string]
const trialOf = (digest: string, starts = 0): Trial => ({
  digest,
  starts,
  deadlineSeconds: 5,
  probationSeconds: 1,
  retryToken: 0,
})
const state = (wish: Partial<LaunchState>): LaunchState => ({ versions: new Set([A, B]), current: A, ...wish })

test('the current version is started, and the one before if that one is gone', () => {
  expect(nextLaunch(state({}))).toEqual({ kind: 'start', digest: A })
  expect(nextLaunch(state({ current: C, previous: B }))).toEqual({ kind: 'start', digest: B })
  expect(nextLaunch(state({ current: C }))).toEqual({ kind: 'none' })
})

test('a version on trial is started, and its starts are counted', () => {
  expect(nextLaunch(state({ trial: trialOf(B) }))).toEqual({ kind: 'start', digest: B, trial: trialOf(B, 1) })
  expect(nextLaunch(state({ trial: trialOf(B, TRIAL_STARTS_MAX) }))).toMatchObject({ code: 'agent_interrupted' })
  expect(nextLaunch(state({ trial: trialOf(C) }))).toMatchObject({ code: 'agent_missing' })
  expect(nextLaunch(state({ trial: trialOf(A) }))).toEqual({ kind: 'settle', trial: trialOf(A) })
})

test('the end of a version on trial gives it up; that of another one does not', () => {
  const exit = (code: number | null, signal: string | null = null) => ({ kind: 'exit', code, signal }) as const
  expect(afterEnd(exit(41), trialOf(B), false)).toMatchObject({ kind: 'give-up', code: 'agent_crashed' })
  expect(afterEnd(exit(0), trialOf(B), false)).toMatchObject({ kind: 'give-up', code: 'agent_crashed' })
  expect(afterEnd(exit(null, 'SIGSEGV'), trialOf(B), false)).toMatchObject({
    message: 'the version ended by itself, with SIGSEGV',
  })
  expect(afterEnd({ kind: 'overdue' }, trialOf(B), false)).toMatchObject({ code: 'agent_unconfirmed' })
  expect(afterEnd({ kind: 'memory', bytes: 2 ** 30 }, trialOf(B), false)).toMatchObject({ code: 'agent_memory' })
  expect(afterEnd(exit(HANDED_OVER), trialOf(B), false)).toEqual({ kind: 'again' })
  expect(afterEnd(exit(1), undefined, false)).toEqual({ kind: 'wait' })
  expect(afterEnd(exit(2), undefined, false)).toEqual({ kind: 'leave', code: 2 })
  expect(afterEnd(exit(0), trialOf(B), true)).toEqual({ kind: 'leave', code: 0 })
})

test('from any state of the disk, the launcher comes to a complete version within a few steps', () => {
  const digest = fc.constantFrom(A, B, C)
  const states = fc.record({
    versions: fc.subarray([A, B, C], { minLength: 1 }).map((names) => new Set(names)),
    current: fc.option(digest, { nil: undefined }),
    previous: fc.option(digest, { nil: undefined }),
    trial: fc.option(
      fc.record({
        digest,
        starts: fc.nat(5),
        deadlineSeconds: fc.constant(5),
        probationSeconds: fc.nat(5),
        retryToken: fc.nat(2),
      }),
      {
        nil: undefined,
      },
    ),
  })
  fc.assert(
    fc.property(states, (begun) => {
      let now: LaunchState = begun
      for (let steps = 0; steps < 3; steps++) {
        const step = nextLaunch(now)
        if (step.kind === 'start') return void expect(now.versions).toContain(step.digest)
        if (step.kind === 'none') {
          const known = [begun.current, begun.previous].filter((name) => name !== undefined)
          return void expect(known.filter((name) => begun.versions.has(name))).toEqual([])
        }
        now = { ...now, trial: undefined }
      }
      throw new Error('it never starts')
    }),
  )
})

let root = ''
afterEach(() => rmSync(root, { recursive: true, force: true }))

function newRoot(...digests: string[]): string {
  root = mkdtempSync(join(tmpdir(), 'skerry-launch-'))
  for (const digest of digests) {
    mkdirSync(versionFolder(root, digest), { recursive: true })
    writeFileSync(join(versionFolder(root, digest), 'agent.json'), '{}')
  }
  return root
}

test('a committed version is the current one, and the one before stays', () => {
  newRoot(A, B)
  commitVersion(root, A)
  writeTrial(root, trialOf(B))
  expect(nextLaunch(readLaunch(root))).toMatchObject({ kind: 'start', digest: B })
  commitVersion(root, B)
  const fresh = { digest: B, retryToken: 0, falls: 0 }
  expect(readLaunch(root)).toEqual({ versions: new Set([A, B]), current: B, previous: A, trial: undefined, fresh })
  commitVersion(root, B)
  expect(readLaunch(root)).toMatchObject({ current: B, previous: A })
})

test('a version that commits and then falls three times gives its place to the one before', () => {
  newRoot(A, B)
  commitVersion(root, A)
  writeTrial(root, { ...trialOf(B), retryToken: 3 })
  commitVersion(root, B)
  for (let fall = 1; fall < FALLS_MAX; fall++) {
    const step = afterFall(readLaunch(root))
    expect(step).toEqual({ kind: 'fall', fresh: { digest: B, retryToken: 3, falls: fall } })
    if (step?.kind === 'fall') writeFresh(root, step.fresh)
  }
  const step = afterFall(readLaunch(root))
  if (step?.kind !== 'relapse') throw new Error('the third fall changes nothing')
  relapse(root, A, step.failure)
  expect(readFailures(root)).toMatchObject([{ digest: B, retryToken: 3, code: 'agent_crashed' }])
  expect(nextLaunch(readLaunch(root))).toEqual({ kind: 'start', digest: A })
  expect(afterFall(readLaunch(root))).toBeUndefined()
})

test('without a complete version before it, a version that falls is started again', () => {
  const fresh = { digest: A, retryToken: 0, falls: FALLS_MAX }
  expect(afterFall(state({ fresh }))).toBeUndefined()
  expect(afterFall(state({ fresh, previous: C }))).toBeUndefined()
  expect(afterFall(state({ fresh, previous: A }))).toBeUndefined()
  expect(afterFall(state({ previous: B }))).toBeUndefined()
  expect(afterFall(state({ fresh: { ...fresh, digest: B }, previous: B }))).toBeUndefined()
  expect(afterFall(state({ fresh, previous: B }))).toMatchObject({ kind: 'relapse' })
})

test('a failure is remembered once for each version, and ends its trial', () => {
  newRoot(A, B)
  commitVersion(root, A)
  writeTrial(root, trialOf(B))
  const failure = { digest: B, retryToken: 1, code: 'agent_crashed', message: 'it ended' }
  noteFailure(root, failure)
  noteFailure(root, { ...failure, retryToken: 2 })
  expect(readFailures(root)).toEqual([{ ...failure, retryToken: 2 }])
  expect(nextLaunch(readLaunch(root))).toEqual({ kind: 'start', digest: A })
})

test('files that are torn or from elsewhere count as absent', () => {
  newRoot(A)
  commitVersion(root, A)
  writeFileSync(join(root, 'trial.json'), '{"digest": "b')
  writeFileSync(join(root, 'failures.json'), 'null')
  expect(nextLaunch(readLaunch(root))).toEqual({ kind: 'start', digest: A })
  expect(readFailures(root)).toEqual([])
})
