import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { addReports, readReport, type Tier } from './test-report.ts'

type One = { fullName: string; status: string; tags?: string[]; failureMessages?: string[] }

const test1 = (fullName: string, status: string, tags: string[] = []): One => ({ fullName, status, tags })
const file = (status: string, ...assertionResults: One[]) => ({ name: 'a.test.ts', status, assertionResults })

async function reportOf(report: unknown, tier: Tier = 'quick') {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-report-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'report.json')
  await writeFile(path, JSON.stringify(report))
  return readReport(path, tier)
}

test('counts passed tests, names failed and skipped ones', async () => {
  const testResults = [
    file('failed', test1('a', 'passed'), test1('b', 'failed', ['law']), test1('c', 'skipped'), test1('d', 'todo')),
  ]
  expect(await reportOf({ success: false, testResults })).toEqual({
    passed: 1,
    failures: [{ file: 'a.test.ts', name: 'b', tags: ['law'], messages: [] }],
    skipped: ['c', 'd'],
  })
})

test('a test of the other tier is no skipped test', async () => {
  const testResults = [
    file('passed', test1('q', 'skipped'), test1('d', 'skipped', ['deep']), test1('l', 'skipped', ['law'])),
  ]
  expect((await reportOf({ success: true, testResults })).skipped).toEqual(['q', 'l'])
  expect((await reportOf({ success: true, testResults }, 'deep')).skipped).toEqual(['d', 'l'])
})

test('a file that does not load is a failure, and so is a run that fails without a failed test', async () => {
  const unloaded = await reportOf({ success: false, testResults: [{ ...file('failed'), message: 'no module' }] })
  expect(unloaded.failures).toEqual([{ file: 'a.test.ts', name: 'a.test.ts', tags: [], messages: ['no module'] }])
  const unset = await reportOf({ success: false, testResults: [file('failed', test1('a', 'skipped'))] })
  expect(unset.failures).toHaveLength(1)
  const silent = await reportOf({ success: false, testResults: [file('passed', test1('a', 'passed'))] })
  expect(silent.failures).toHaveLength(1)
})

test('a run that wrote no report is a failure', async () => {
  expect(await readReport('/nowhere/report.json', 'quick')).toMatchObject({ passed: 0, failures: [{}], skipped: [] })
})

test('adds up', () => {
  const failure = { file: 'f', name: 'n', tags: [], messages: [] }
  const one = { passed: 1, failures: [], skipped: ['a'] }
  const two = { passed: 2, failures: [failure], skipped: [] }
  expect(addReports([one, two])).toEqual({ passed: 3, failures: [failure], skipped: ['a'] })
})
