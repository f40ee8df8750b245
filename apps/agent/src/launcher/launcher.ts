/**
 * Launcher: starts the current version of the agent, and goes back to it when a version on trial does not prove itself.
 * It is small and has no packages, because an update does not replace it: `node launcher.js FOLDER [agent options]`.
 * On SIGUSR2 it starts the version that the running one names beside it (standby.ts).
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  dropFresh,
  noteFailure,
  readLaunch,
  relapse,
  settleTrial,
  versionFolder,
  writeFresh,
  writeTrial,
} from './launch-files.ts'
import { afterEnd, afterFall, type EndStep, type LaunchEnd, nextLaunch, type Trial } from './launch-plan.ts'
import { createStandby } from './standby.ts'

/** In milliseconds. A broken agent starts soon again, and then once a minute. */
const WAIT_MS = { base: 1_000, max: 60_000 }

/** In milliseconds. An agent that ran this long was not broken from its start. */
const STEADY_MS = 60_000

/** In milliseconds: how often a version on trial is looked at, and how long one may take to stop. */
const LOOK_MS = 500
const STOP_MS = 15_000

/** An agent uses a fifth of it without models, which another process holds. A version on trial may not use more. */
const TRIAL_BYTES_MAX = 512 * 1024 ** 2

const [folder, ...options] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: launcher FOLDER [options of the agent]\n')
  process.exit(2)
}
const root = resolve(folder)

let isStopping = false
let child: ChildProcess | undefined
let wake = () => {}
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    isStopping = true
    child?.kill(signal)
    wake()
  })
}

const log = (event: string, fields: object) =>
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), name: 'launcher', event, ...fields })}\n`)

const standby = createStandby({
  root,
  start: (digest) => startVersion(digest, ['pipe', 'inherit', 'inherit'], { SKERRY_STANDBY: '1' }),
  isTooLarge: (pid) => residentBytes(pid) > TRIAL_BYTES_MAX,
  log,
})
process.on('SIGUSR2', () => {
  if (!isStopping) standby.prepare()
})

process.exitCode = await launch()
standby.dismiss()

async function launch(): Promise<number> {
  for (let waitMs = 0; !isStopping; ) {
    const step = nextLaunch(readLaunch(root))
    if (step.kind === 'none') {
      log('no_version', { root })
      return 1
    }
    if (step.kind === 'settle') settleTrial(root, step.trial)
    if (step.kind === 'give-up') giveUp(step)
    if (step.kind !== 'start') continue
    const startedMs = performance.now()
    const next = await runToEnd(step.digest, step.trial)
    if (next.kind === 'leave') return next.code
    const ranMs = performance.now() - startedMs
    waitMs = next.kind === 'wait' && hasRelapsed(ranMs) ? 0 : waitAfter(next, ranMs, waitMs)
    await sleep(waitMs)
  }
  return 0
}

/** A version that committed and then falls again and again gives its place to the one before it. */
function hasRelapsed(ranMs: number): boolean {
  const state = readLaunch(root)
  const step = ranMs > STEADY_MS ? undefined : afterFall(state)
  if (step?.kind === 'fall') writeFresh(root, step.fresh)
  if (step?.kind !== 'relapse' || state.previous === undefined) return false
  const { falls: _, ...failure } = step.failure
  log('version_given_up', failure)
  relapse(root, state.previous, failure)
  return true
}

/** None after a version that was given up: the one before must serve at once. */
function waitAfter({ kind }: EndStep, ranMs: number, lastMs: number): number {
  if (kind !== 'wait') return 0
  return ranMs > STEADY_MS ? WAIT_MS.base : Math.min(WAIT_MS.max, Math.max(WAIT_MS.base, lastMs * 2))
}

/** Runs the version, judges its end, and writes a failure down. */
async function runToEnd(digest: string, begun: Trial | undefined): Promise<EndStep> {
  if (begun) writeTrial(root, begun)
  const end = await run(digest, begun)
  const trial = begun && pendingTrial(digest)
  // A stop by command is no try of the version.
  if (trial && isStopping) writeTrial(root, { ...trial, starts: trial.starts - 1 })
  const next = afterEnd(end, trial, isStopping)
  log('version_ended', { digest, end, next: next.kind })
  if (next.kind === 'give-up') giveUp(next)
  return next
}

/** The version removes the note when it commits. */
function pendingTrial(digest: string): Trial | undefined {
  const { trial, current } = readLaunch(root)
  return trial?.digest === digest && current !== digest ? trial : undefined
}

function giveUp({ trial: { digest, retryToken }, code, message }: { trial: Trial; code: string; message: string }) {
  log('version_given_up', { digest, code, message })
  noteFailure(root, { digest, retryToken, code, message })
}

/** Resolves when the version has ended, by itself or by the launcher. */
async function run(digest: string, trial: Trial | undefined): Promise<LaunchEnd> {
  const waiting = standby.take(digest)
  log('version_started', { digest, isTrial: trial !== undefined, hasStoodBy: waiting !== undefined })
  const started = waiting ?? startVersion(digest, 'inherit')
  child = started
  if (isStopping) started.kill('SIGTERM')
  const ended = new Promise<LaunchEnd>((done) => {
    started.on('error', (error) => done({ kind: 'exit', code: 1, signal: error.message }))
    started.on('exit', (code, signal) => done({ kind: 'exit', code, signal }))
  })
  // After a minute the version is no longer fresh.
  const steady = setTimeout(() => dropFresh(root), STEADY_MS)
  const verdict = trial && (await Promise.race([ended, watch(digest, started, trial)]))
  if (verdict && verdict.kind !== 'exit') {
    started.kill('SIGTERM')
    const late = setTimeout(() => started.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(late)
  }
  const end = verdict ?? (await ended)
  clearTimeout(steady)
  child = undefined
  return end
}

/** SKERRY_LAUNCHER_PID lets the version know that this launcher understands SIGUSR2, which would end an older one. */
function startVersion(digest: string, stdio: StdioOptions, more: NodeJS.ProcessEnv = {}): ChildProcess {
  const home = versionFolder(root, digest)
  const { entry, node } = manifestOf(home)
  const program = node?.path === undefined ? process.execPath : join(home, node.path)
  const own = { SKERRY_LAUNCHER: root, SKERRY_AGENT_DIGEST: digest, SKERRY_LAUNCHER_PID: String(process.pid) }
  return spawn(program, [join(home, entry), ...options], { stdio, env: { ...process.env, ...own, ...more } })
}

/** Without a readable manifest the start fails, as it does for any other broken version. */
function manifestOf(home: string): { entry: string; node?: { path?: string } } {
  try {
    return JSON.parse(readFileSync(join(home, 'agent.json'), 'utf8'))
  } catch {
    return { entry: 'agent.json' }
  }
}

/** Resolves when the version on trial is overdue or too large. Undefined: it has committed. */
async function watch(digest: string, started: ChildProcess, trial: Trial): Promise<LaunchEnd | undefined> {
  const deadlineMs = performance.now() + trial.deadlineSeconds * 1_000
  while (started.exitCode === null && started.signalCode === null) {
    await sleep(LOOK_MS)
    if (isStopping || !pendingTrial(digest)) return undefined
    const bytes = residentBytes(started.pid)
    if (bytes > TRIAL_BYTES_MAX) return { kind: 'memory', bytes }
    if (performance.now() > deadlineMs) return { kind: 'overdue' }
  }
  return undefined
}

/** [proc(5)] VmRSS is in kibibytes. 0 if the process is gone. */
function residentBytes(pid: number | undefined): number {
  try {
    const [, kibibytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kibibytes) * 1024
  } catch {
    return 0
  }
}

/** Ends early when the launcher is told to stop. */
function sleep(ms: number): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    wake = () => {
      clearTimeout(timer)
      done()
    }
  })
}
