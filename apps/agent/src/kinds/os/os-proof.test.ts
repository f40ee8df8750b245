import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHubContact } from '../../updates/agent-seat.ts'
import { osOptionsOf, osTrouble } from './os-options.ts'
import { openOsProof } from './os-proof.ts'

const signal = AbortSignal.timeout(60_000)

let folder: string
let nowMs: number
const clock = { monotonicMs: () => nowMs }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-proof-'))
  nowMs = 0
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function program(text: string): Promise<string> {
  const path = join(folder, 'check')
  await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return path
}

const proofOf = (path: string, limitMs = 30_000) =>
  openOsProof({ check: { program: path, limitMs }, contact: undefined, clock })

test('a program that succeeds after some tries proves the new system', async () => {
  const ready = join(folder, 'ready')
  const proof = proofOf(await program(`test -f ${ready} || { echo the pump is not there; exit 3; }`))
  expect(await proof.ofTrial('d', signal)).toEqual({
    ok: false,
    code: 'os_check_failed',
    message: expect.stringContaining('ended with 3: the pump is not there'),
    waitMs: 5_000,
  })
  await writeFile(ready, '')
  nowMs = 20_000
  expect(await proof.ofTrial('d', signal)).toEqual({ ok: true })
})

test('a program that fails for the whole time fails the version, and each version has its own time', async () => {
  const proof = proofOf(await program('exit 1'))
  expect(await proof.ofTrial('d', signal)).toHaveProperty('waitMs')
  nowMs = 30_000
  expect(await proof.ofTrial('d', signal)).not.toHaveProperty('waitMs')
  expect(await proof.ofTrial('e', signal)).toHaveProperty('waitMs')
})

test('a program that hangs ends with all that it started', async () => {
  const started = join(folder, 'started')
  const proof = proofOf(await program(`sleep 600 & echo $! >${started}; wait`), 2_000)
  expect(await proof.ofSystem(signal)).toMatchObject({
    code: 'os_check_failed',
    message: expect.stringContaining('did not end within 2 s'),
  })
  const pid = (await readFile(started, 'utf8')).trim()
  const isGone = async () =>
    !existsSync(`/proc/${pid}`) || (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')).includes(') Z')
  expect(await until(isGone)).toBe(true)
})

test('a program that is missing fails with its name, and two callers share one run', async () => {
  const missing = join(folder, 'missing')
  const answer = await proofOf(missing).ofSystem(signal)
  expect(answer).toMatchObject({ code: 'os_check_failed', message: expect.stringContaining(missing) })
  const runs = join(folder, 'runs')
  const proof = proofOf(await program(`echo run >>${runs}`))
  await Promise.all([proof.ofSystem(signal), proof.ofTrial('d', signal)])
  expect(await readFile(runs, 'utf8')).toBe('run\n')
})

test('a new system waits for an answer of its hub, and fails without one', async () => {
  const contact = createHubContact()
  const proof = openOsProof({ check: undefined, contact, contactSeconds: 300, clock })
  expect(await proof.ofTrial('d', signal)).toMatchObject({ code: 'os_unconfirmed', waitMs: 5_000 })
  nowMs = 300_000
  expect(await proof.ofTrial('d', signal)).not.toHaveProperty('waitMs')
  contact.heard()
  expect(await proof.ofTrial('d', signal)).toEqual({ ok: true })
})

test.each([
  [{ 'os-check': 'check' }, 'whole path'],
  [{ 'os-check-seconds': '5' }, 'needs --os-check'],
  [{ 'os-check': '/check', 'os-check-seconds': '0' }, '1 to 600'],
])('%j is rejected', (flags, words) => {
  expect(osTrouble(flags)).toContain(words)
})

test('the options say how long the program may fail', () => {
  const flags = { 'os-check': '/check', 'os-check-seconds': '5' }
  expect(osTrouble(flags)).toBeUndefined()
  expect(osOptionsOf(flags).check).toEqual({ program: '/check', limitMs: 5_000 })
  expect(osOptionsOf({ 'os-check': '/check' }).check?.limitMs).toBe(60_000)
})
