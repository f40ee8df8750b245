import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { addTallies, readTally } from './tally.ts'

const test1 = (fullName: string, status: string) => ({ fullName, status })
const file = (status: string, ...assertionResults: { fullName: string; status: string }[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults,
})

async function tallyOf(report: unknown) {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-tally-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'report.json')
  await writeFile(path, JSON.stringify(report))
  return readTally(path)
}

test('counts what passed, failed and was skipped', async () => {
  const report = {
    success: false,
    testResults: [
      file('failed', test1('a', 'passed'), test1('b', 'failed'), test1('c', 'skipped'), test1('d', 'todo')),
    ],
  }
  expect(await tallyOf(report)).toEqual({ passed: 1, failed: 1, skipped: ['c', 'd'] })
})

test('a file that does not even load is a failure, and so is a run that fails without a failed test', async () => {
  expect(await tallyOf({ success: false, testResults: [file('failed')] })).toMatchObject({ failed: 1 })
  expect(await tallyOf({ success: false, testResults: [file('passed', test1('a', 'passed'))] })).toMatchObject({
    failed: 1,
  })
})

test('a run that wrote no report is a failure', async () => {
  expect(await readTally('/nowhere/report.json')).toEqual({ passed: 0, failed: 1, skipped: [] })
})

test('adds up', () => {
  const one = { passed: 1, failed: 0, skipped: ['a'] }
  const two = { passed: 2, failed: 1, skipped: [] }
  expect(addTallies([one, two])).toEqual({ passed: 3, failed: 1, skipped: ['a'] })
})
