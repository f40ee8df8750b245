import type { CandidateResult, SessionResult } from '@skerry/contract/builds/measurement'
import { Serving } from '@skerry/contract/models/serving'
import { BuildId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { bestSession, fastestBuild, servingWith, sessionsFor, sessionText } from './session-settings.ts'

const figures = { n: 100, p50Ms: 1, p95Ms: 2, peakBytes: 1_000 }
const about = (middle: number) => ({ low: middle - 0.05, middle, high: middle + 0.05 })
const session = (threads: number, spin: boolean, speed: number): SessionResult => ({
  threads,
  spin,
  timing: { ...figures, speed: about(speed) },
})
const candidate = (build: string | undefined, speed?: number): CandidateResult => ({
  ...(build !== undefined && { build: BuildId.parse(build) }),
  digest: `sha256:${'1'.repeat(64)}` as CandidateResult['digest'],
  timing: { ...figures, ...(speed !== undefined && { speed: about(speed) }) },
})

test('a device tries no more threads than it has cores', () => {
  const sessions = { sessions: true } as const
  expect(sessionsFor(1, sessions)).toEqual([])
  expect(sessionsFor(2, sessions).map(sessionText)).toEqual(['2 threads', '2 threads that spin'])
  expect(sessionsFor(64, sessions)).toHaveLength(4)
  expect(sessionsFor(64, {})).toEqual([])
  expect(sessionsFor(1, { batches: true }).map(sessionText)).toEqual([
    '1 thread and batches of 4',
    '1 thread and batches of 16',
  ])
})

test('settings are tried with the fastest build, if it is faster than the version for certain', () => {
  const all = [candidate(undefined), candidate('bld_aaaaaaaaaaaa2222', 1.2), candidate('bld_bbbbbbbbbbbb2222', 1.5)]
  expect(fastestBuild(all)?.build).toBe('bld_bbbbbbbbbbbb2222')
  expect(fastestBuild([candidate(undefined), candidate('bld_aaaaaaaaaaaa2222', 1.02)])).toBeUndefined()
})

test('the best settings are faster than one thread for certain, or there are none', () => {
  const sessions = [session(2, false, 2), session(2, true, 2.2), session(4, false, 1.55)]
  expect(bestSession(sessions, about(1.5))).toEqual({ threads: 2, spin: true, speed: about(2.2) })
  expect(bestSession(sessions.slice(2), about(1.5))).toBeUndefined()
  expect(bestSession([{ threads: 2, spin: false, problem: { code: 'failed', message: '' } }], about(1))).toBeUndefined()
  expect(bestSession(sessions, undefined)).toBeUndefined()
})

test('a deployment that names threads keeps them', () => {
  const measured = { threads: 2, spin: true }
  expect(servingWith(Serving.parse({}), measured)).toMatchObject(measured)
  expect(servingWith(Serving.parse({ threads: 3 }), measured)).toMatchObject({ threads: 3, spin: false })
  expect(servingWith(Serving.parse({}), undefined)).toEqual(Serving.parse({}))
})

test('the best threads and the best batch are taken together, and a slow batch is not', () => {
  const batched = (batch: number, speed: number): SessionResult => ({ ...session(1, false, speed), batch })
  const sessions = [session(2, false, 2), batched(4, 3), batched(16, 5)]
  expect(bestSession(sessions, about(1.5))).toEqual({ threads: 2, spin: false, batch: 16, speed: about(2) })
  expect(bestSession(sessions.slice(1), about(1.5))).toEqual({ threads: 1, spin: false, batch: 16, speed: about(5) })
  expect(bestSession([batched(4, 1.52)], about(1.5))).toBeUndefined()
})

test('a measured batch is served, unless the deployment names one', () => {
  const measured = { threads: 1, spin: false, batch: 16 }
  expect(servingWith(Serving.parse({}), measured)).toEqual({ ...Serving.parse({}), maxBatch: 16 })
  expect(servingWith(Serving.parse({ maxBatch: 2, threads: 3 }), measured)).toMatchObject({ maxBatch: 2, threads: 3 })
  expect(servingWith(Serving.parse({ threads: 3 }), measured)).toMatchObject({ maxBatch: 16, threads: 3 })
})
