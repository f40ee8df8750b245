import { BenchCommand } from '@skerry/contract/builds/bench-command'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readBenchReport } from './bench-report.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const files = [{ path: 'model.onnx', digest: digest('f'), sizeBytes: 1 }]
const command = BenchCommand.parse({
  kind: 'bench-model',
  name: 'reader',
  version: 1,
  candidates: [
    { digest: digest('a'), files },
    { build: 'bld_abcdefgh234567', digest: digest('b'), files },
  ],
})
const timing = { n: 1, p50Ms: 1, p95Ms: 1, peakBytes: 1 }
const version = { digest: digest('a'), timing }
const build = { build: 'bld_abcdefgh234567', digest: digest('b') }
const base = { hardwareClass: 'x64-avx2-4c', agent: '0.1.0', runtime: 'onnxruntime', threads: 1, ended: 'time' }
const facts = { command, hardwareClass: 'x64-avx2-4c' }
const read = (candidates: unknown) => readBenchReport(JSON.stringify({ ...base, candidates }), facts)

test('a report is read with its timings and problems', () => {
  const speed = { low: 1.1, middle: 1.2, high: 1.3 }
  expect(read([version, { ...build, timing: { ...timing, speed } }])).toMatchObject({ ok: true })
  expect(read([version, { ...build, problem: { code: 'wrong', message: 'y' } }])).toMatchObject({ ok: true })
  const unknown = { command, hardwareClass: undefined }
  expect(readBenchReport(JSON.stringify({ ...base, candidates: [version] }), unknown)).toMatchObject({ ok: true })
})

test.each<[string, unknown]>([
  ['nothing', []],
  ['another digest', [{ ...version, digest: digest('c') }]],
  ['the digest of another build', [{ ...version, digest: digest('b') }]],
  ['one candidate twice', [version, version]],
  ['both a timing and a problem', [{ ...version, problem: { code: 'wrong', message: '' } }]],
  ['neither', [{ digest: digest('a') }]],
  ['a speed of the version', [{ ...version, timing: { ...timing, speed: { low: 1, middle: 1, high: 1 } } }]],
  ['an interval without order', [{ ...build, timing: { ...timing, speed: { low: 2, middle: 1, high: 3 } } }]],
  ['a p95 below the p50', [{ ...version, timing: { ...timing, p95Ms: 0.5 } }]],
  ['a field of another program', [{ ...version, rank: 1 }]],
])('a report of %s is rejected', (_what, candidates) => {
  expect(read(candidates)).toMatchObject({ ok: false })
})

test('a report for another class, or no JSON at all, is rejected', () => {
  const other = JSON.stringify({ ...base, hardwareClass: 'x64-amx-64c', candidates: [version] })
  expect(readBenchReport(other, facts)).toMatchObject({ ok: false })
  expect(readBenchReport(undefined, facts)).toMatchObject({ ok: false })
  fc.assert(fc.property(fc.string(), (text) => !readBenchReport(text, facts).ok))
})

test('settings of a session are read only from a build, if the command asks for them', () => {
  const asked = { command: { ...command, sessions: true as const }, hardwareClass: undefined }
  const readAsked = (candidates: unknown) => readBenchReport(JSON.stringify({ ...base, candidates }), asked)
  const sessions = [{ threads: 2, spin: false, timing }]
  expect(readAsked([version, { ...build, timing, sessions }])).toMatchObject({ ok: true })
  expect(read([version, { ...build, timing, sessions }])).toMatchObject({ ok: false })
  expect(readAsked([{ ...version, sessions }])).toMatchObject({ ok: false })
  expect(readAsked([version, { ...build, timing, sessions: [{ threads: 2, spin: false }] }])).toMatchObject({
    ok: false,
  })
})
