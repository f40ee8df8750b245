/**
 * Faults under the launcher: its process is killed at each call that changes the disk, or the call fails because the disk
 * is full or broken. After each of them a complete version starts, and the next attempt comes to the end.
 *
 * @module-tag deep it starts a process under strace for each call of four kinds of fault
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  noteFailure,
  readLaunch,
  readStandby,
  STANDS_BY,
  settleTrial,
  versionFolder,
} from '../../apps/agent/src/launcher/launch-files.ts'
import { nextLaunch } from '../../apps/agent/src/launcher/launch-plan.ts'

const FILES = join(import.meta.dirname, '../../apps/agent/src/launcher/launch-files.ts')
const [A, B] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string]
const TRIAL = { digest: B, starts: 0, deadlineSeconds: 5, probationSeconds: 1, retryToken: 0 }

/** All changes of the disk in the life of an update: a version that stands by, a trial, its commit, falls, and the return. */
const LIFE = `
const files = await import(${JSON.stringify(FILES)})
const { askStandby, commitVersion, dropFresh, dropStandby, noteFailure, noteReady, relapse, writeFresh, writeTrial } = files
const root = process.argv[1]
askStandby(root, ${JSON.stringify(B)})
noteReady(root, ${JSON.stringify(B)})
writeTrial(root, ${JSON.stringify(TRIAL)})
dropStandby(root)
writeTrial(root, ${JSON.stringify({ ...TRIAL, starts: 1 })})
commitVersion(root, ${JSON.stringify(B)})
writeFresh(root, { digest: ${JSON.stringify(B)}, retryToken: 0, falls: 2 })
relapse(root, ${JSON.stringify(A)}, { digest: ${JSON.stringify(B)}, retryToken: 0, code: 'agent_crashed', message: 'it fell' })
noteFailure(root, { digest: ${JSON.stringify(B)}, retryToken: 1, code: 'agent_crashed', message: 'again' })
dropFresh(root)
process.stdout.write('done')
`

/** Strace counts each call by itself. */
const CALLS = ['fsync', 'rename', 'symlink', 'unlink', 'unlinkat'] as const

const FAULTS = { 'a kill': 'signal=KILL', 'a full disk': 'error=ENOSPC', 'a broken disk': 'error=EIO' }

const CASES = Object.entries(FAULTS).flatMap(([name, fault]) => CALLS.map((call) => [name, call, fault] as const))

/** A life has some twenty of each call; far more would mean that the counter never reaches the end. */
const CALLS_MAX = 100

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'skerry-faults-'))
  for (const digest of [A, B]) {
    mkdirSync(versionFolder(root, digest), { recursive: true })
    writeFileSync(join(versionFolder(root, digest), 'agent.json'), '{}')
    writeFileSync(join(versionFolder(root, digest), STANDS_BY), '1')
  }
  symlinkSync(join('versions', A), join(root, 'current'))
  return root
}

/** Node starts no thread of its own that changes files, so the count of calls is that of the life. */
const live = (root: string, under: readonly string[] = []) => {
  const [program = '', ...words] = [...under, process.execPath, '--input-type=module', '-e', LIFE, root]
  return spawnSync(program, words, { encoding: 'utf8' })
}

const counted = new Map<string, number>()

/** How often a life without a fault makes the call. */
function callsOf(call: string): number {
  const known = counted.get(call)
  if (known !== undefined) return known
  const root = newRoot()
  try {
    const log = join(root, 'strace.log')
    live(root, ['strace', '-f', '-qq', '-o', log, '-e', `trace=${call}`])
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${call}(`)).length
    counted.set(call, calls)
    return calls
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** The version that the launcher starts from this disk. It settles and gives up as the launcher does. */
function startedFrom(root: string): string | undefined {
  for (let steps = 0; steps < 4; steps++) {
    const step = nextLaunch(readLaunch(root))
    if (step.kind === 'start') return step.digest
    if (step.kind === 'none') return undefined
    if (step.kind === 'settle') settleTrial(root, step.trial)
    else noteFailure(root, { digest: step.trial.digest, retryToken: 0, code: step.code, message: step.message })
  }
  return undefined
}

const hasStrace = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0

describe.skipIf(!hasStrace)('the disk of the launcher', () => {
  test.each(CASES)('%s at each %s leaves a version that starts, and the next attempt ends', (_, call, fault) => {
    for (let when = 1; when <= CALLS_MAX; when++) {
      const root = newRoot()
      try {
        const inject = `inject=${call}:${fault}:when=${when}`
        const words = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]
        const isPast = live(root, words).stdout === 'done' && when > callsOf(call)
        expect([A, B], `call ${when}`).toContain(startedFrom(root))
        const again = live(root)
        expect(again.stdout, `call ${when}: ${again.stderr}`).toBe('done')
        expect(startedFrom(root)).toBe(A)
        expect(readLaunch(root)).toMatchObject({ current: A, trial: undefined, fresh: undefined })
        expect(readStandby(root)).toBeUndefined()
        if (isPast) return
      } finally {
        rmSync(root, { recursive: true, force: true })
      }
    }
    throw new Error(`the life has more than ${CALLS_MAX} calls`)
  })

  test('a life has enough calls of the disk that the faults above mean something', () => {
    expect(callsOf('fsync')).toBeGreaterThanOrEqual(12)
    expect(callsOf('rename')).toBeGreaterThanOrEqual(8)
  })
})
