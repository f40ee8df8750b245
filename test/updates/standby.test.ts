/**
 * Standby: the launcher starts the next version beside the running one, and gives it its turn when that one has ended.
 * The versions are small programs; the launcher and the functions by which the versions talk to it are real.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  askStandby,
  noteReady,
  readLaunch,
  STANDS_BY,
  versionFolder,
} from '../../apps/agent/src/launcher/launch-files.ts'

const AGENT = join(import.meta.dirname, '../../apps/agent/src')
const [A, B] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string]
const TRIAL = { digest: B, starts: 0, deadlineSeconds: 30, probationSeconds: 0, retryToken: 0 }

/** Both versions note the moments of their lives in one file. */
const COMMON = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
const { askStandby, commitVersion, writeTrial } = await import(${JSON.stringify(join(AGENT, 'launcher/launch-files.ts'))})
const { prepareStandby, standBy } = await import(${JSON.stringify(join(AGENT, 'updates/standby.ts'))})
const root = process.env.SKERRY_LAUNCHER
const own = process.env.SKERRY_AGENT_DIGEST
const isWaiting = process.env.SKERRY_STANDBY !== undefined
const note = (event) => appendFileSync(root + '/life.log', JSON.stringify({ of: own[0], pid: process.pid, event }) + '\\n')
const live = () => setInterval(() => {}, 1_000)
process.on('SIGTERM', () => process.exit(0))
`

/** The running version. `skipMs`: the time that its clock skips once the next version waits. */
const running = ({ skipMs = 0, after = 'process.exit(75)' } = {}) => `${COMMON}
const skippedMs = () => (readFileSync(root + '/life.log', 'utf8').includes('"waits"') ? ${skipMs} : 0)
note(existsSync(root + '/standby.json') ? 'finds a note' : 'runs')
const clock = { monotonicMs: () => performance.now() + skippedMs(), sleep: (ms) => new Promise((done) => setTimeout(done, ms)) }
const wish = { root, launcherPid: Number(process.env.SKERRY_LAUNCHER_PID), availableBytes: () => 2 ** 30, clock, log: { info() {}, warn() {} } }
live()
note(await prepareStandby(wish, ${JSON.stringify(B)}, new AbortController().signal))
writeTrial(root, ${JSON.stringify(TRIAL)})
${after}
`

/** The next version. */
const next = (wait: string) => `${COMMON}
if (isWaiting) {
  note('waits')
  ${wait}
}
note('runs')
commitVersion(root, own)
live()
`

const WAITS = "if (!(await standBy(process.env, async () => {}))) { note('leaves'); process.exit(0) }"

let root: string
let launcher: ChildProcess

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skerry-standby-'))
})

afterEach(async () => {
  launcher.kill('SIGKILL')
  for (const { pid } of life()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

function install(digest: string, program: string, canStandBy = true): void {
  const home = versionFolder(root, digest)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'agent.json'), JSON.stringify({ entry: 'main.mjs' }))
  writeFileSync(join(home, 'main.mjs'), program)
  if (canStandBy) writeFileSync(join(home, STANDS_BY), '1')
}

function launch(versions: { a: string; b: string; canStandBy?: boolean }): void {
  install(A, versions.a)
  install(B, versions.b, versions.canStandBy)
  symlinkSync(join('versions', A), join(root, 'current'))
  launcher = spawn(process.execPath, [join(AGENT, 'launcher/launcher.ts'), root], { stdio: 'ignore' })
}

type Moment = { of: string; pid: number; event: string }

function life(): Moment[] {
  const path = join(root, 'life.log')
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Moment)
}

const events = () => life().map(({ of, event }) => `${of} ${event}`)
const pidOf = (of: string, event: string) => life().find((moment) => moment.of === of && moment.event === event)?.pid

const becomes = (expected: readonly string[]) =>
  expect.poll(events, { timeout: PATIENCE_MS, interval: 50 }).toEqual(expected)

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    // [proc(5)] A process that nobody has waited for is a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('the next version waits until the running one has ended, and then goes on in the same process', async () => {
  launch({ a: running(), b: next(WAITS) })
  await becomes(['a runs', 'b waits', 'a ready', 'b runs'])
  expect(pidOf('b', 'runs')).toBe(pidOf('b', 'waits'))
  await expect.poll(() => readLaunch(root)).toMatchObject({ current: B, previous: A, trial: undefined })
  expect(existsSync(join(root, 'standby.json'))).toBe(false)
})

test.each([
  ['ends before its turn', 'process.exit(3)'],
  ['fills the memory', 'globalThis.held = Buffer.alloc(600 * 2 ** 20, 1); await new Promise(() => live())'],
])('a version that %s while it stands by is started again after the running one', async (_, wait) => {
  launch({ a: running(), b: next(wait) })
  await becomes(['a runs', 'b waits', 'a ended', 'b runs'])
  expect(pidOf('b', 'runs')).not.toBe(pidOf('b', 'waits'))
})

test('the running version does not wait forever for one that does not get ready', async () => {
  const silent = "let text = ''; for await (const piece of process.stdin) text += piece; note(text.trim())"
  launch({ a: running({ skipMs: 3_600_000 }), b: next(silent) })
  await becomes(['a runs', 'b waits', 'a late', 'b turn', 'b runs'])
})

test('a version that cannot wait is started after the running one', async () => {
  launch({ a: running(), b: next(WAITS), canStandBy: false })
  await becomes(['a runs', 'a impossible', 'b runs'])
})

test('a launcher that is stopped ends the version that stands by', async () => {
  launch({ a: running({ after: '' }), b: next(WAITS) })
  await becomes(['a runs', 'b waits', 'a ready'])
  launcher.kill('SIGTERM')
  await once(launcher, 'exit')
  await expect.poll(() => isAlive(pidOf('b', 'waits'))).toBe(false)
  expect(events()).not.toContain('b runs')
})

test('a version that stands by ends with a launcher that is killed', async () => {
  launch({ a: running({ after: '' }), b: next(WAITS) })
  await becomes(['a runs', 'b waits', 'a ready'])
  launcher.kill('SIGKILL')
  await becomes(['a runs', 'b waits', 'a ready', 'b leaves'])
  await expect.poll(() => isAlive(pidOf('b', 'waits'))).toBe(false)
})

test('notes of before a power cut start nothing', async () => {
  install(B, next(WAITS))
  askStandby(root, B)
  noteReady(root, B)
  launch({ a: `${COMMON}\nnote(existsSync(root + '/standby.json') ? 'finds a note' : 'runs')\nlive()`, b: next(WAITS) })
  await becomes(['a runs'])
  expect(existsSync(join(root, 'standby-ready.json'))).toBe(false)
})
