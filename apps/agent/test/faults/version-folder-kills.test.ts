/**
 * Faults under the versions of the agent: its process is killed at each call that changes the disk, or the call fails
 * because the disk is full or broken. After each of them every version that the launcher could start is complete, and the
 * next attempt comes to the end.
 *
 * @module-tag deep it starts two processes for each call of three kinds of fault, one of them under strace
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { A, C, newLauncherFolder, removeLauncherFolder, tornVersions } from '../stage/agent-versions.ts'

const LIFE = join(import.meta.dirname, '../stage/agent-versions-life.ts')

/** The least number of each call in a life, so that the faults mean something. Bytes of files are written at positions. */
const CALLS = { mkdir: 5, pwrite64: 8, syncfs: 2, fsync: 3, rename: 3, unlink: 4, rmdir: 3 } as const

const FAULTS = { 'a kill': 'signal=KILL', 'a full disk': 'error=ENOSPC', 'a broken disk': 'error=EIO' }

const CASES = Object.entries(FAULTS).flatMap(([name, fault]) =>
  Object.keys(CALLS).map((call) => [name, call, fault] as const),
)

/** Strace counts the calls of each thread by itself, so one thread makes all of them. */
const live = (root: string, under: readonly string[] = []) => {
  const [program = '', ...words] = [...under, process.execPath, LIFE, root]
  return spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' } })
}

/** The calls of a life without a fault. */
function countCalls(): Map<string, number> {
  const root = newLauncherFolder()
  try {
    const log = join(root, 'strace.log')
    const { stderr, stdout } = live(root, [...strace(log), '-e', `trace=${Object.keys(CALLS).join(',')}`])
    if (stdout !== 'done') throw new Error(`a life without a fault has failed: ${stderr}`)
    const lines = readFileSync(log, 'utf8').split('\n')
    return new Map(Object.keys(CALLS).map((call) => [call, lines.filter((line) => line.includes(` ${call}(`)).length]))
  } finally {
    removeLauncherFolder(root)
  }
}

const strace = (log: string) => ['strace', '-f', '-qq', '-o', log]

const hasStrace = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0

describe.skipIf(!hasStrace)('the folders of the versions', () => {
  const counts = hasStrace ? countCalls() : new Map<string, number>()

  test.each(CASES)('%s at each %s leaves no torn version, and the next attempt ends', (_, call, fault) => {
    const calls = counts.get(call) ?? 0
    let cutShort = 0
    for (let when = 1; when <= calls; when++) {
      const root = newLauncherFolder()
      try {
        const inject = `inject=${call}:${fault}:when=${when}`
        const hurt = live(root, [...strace('/dev/null'), '-e', `trace=${call}`, '-e', inject])
        if (hurt.stdout !== 'done') cutShort += 1
        const what = `call ${when}: ${hurt.stderr}`
        expect(tornVersions(root), what).toEqual([])
        const again = live(root)
        expect(again.stdout, `${what}${again.stderr}`).toBe('done')
        expect(tornVersions(root), what).toEqual([])
        expect(readdirSync(join(root, 'versions')).toSorted(), what).toEqual([A, C])
      } finally {
        removeLauncherFolder(root)
      }
    }
    expect(cutShort, 'lives that the fault cut short').toBeGreaterThan(0)
  })

  test.each(Object.entries(CALLS))(
    'a life has enough calls of %s that the faults above mean something',
    (call, least) => {
      expect(counts.get(call)).toBeGreaterThanOrEqual(least)
    },
  )
})
