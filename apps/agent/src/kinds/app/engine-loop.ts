/**
 * Engine loop: keeps the connection to the engine, and reads the containers again after each event and now and then.
 * Without a connection nothing is known: versions of the kind wait, and their containers go on by themselves.
 */

import { containerKey, LABELS, releaseKey } from '@skerry/core/apps/container-body'
import { backoffMs } from '@skerry/core/values/backoff'
import type { EngineEvent } from '@skerry/platform/containers/engine'
import { API_VERSION_MIN, EngineGone, EngineRefused } from '@skerry/platform/containers/engine-client'
import { createWakeUp } from '../../wake-up.ts'
import { advance, judgeActivation, stopRelease } from './app-activation.ts'
import { type AppEngine, factsFor, hasImages, readEngine, sweepAgain, sweepRests } from './app-engine.ts'
import { readUsage } from './app-figures.ts'

/** In milliseconds. Events bring changes at once; this bounds the age of figures, and finds an event that was lost. */
const READ_EVERY_MS = 15_000

/** One engine event comes with several others. */
const SETTLE_MS = 30

/** In milliseconds. An engine that restarts is back within seconds. On most devices there is none at all. */
const BACKOFF = { baseMs: 1_000, maxMs: 30_000 }

/** The share of the engine's disk that must be free for images of releases that do not run. */
const FREE_BYTES_MIN = 2 * 1024 ** 3

export type EngineLoopDeps = {
  /** Reads what the driver has on the disk. Called before the first connection is used. */
  open(): Promise<void>
  /** The facts of the driver have changed. */
  onChange(): void
  /** How many bytes are free for images. */
  freeBytes(): Promise<number>
}

/** Works until the signal aborts. */
export async function followEngine(it: AppEngine, deps: EngineLoopDeps): Promise<void> {
  const { clock, log, signal } = it
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await connect(it, deps)
      log.info('engine_connected', { ...it.version })
      failures = 0
      await stayConnected(it, deps)
    } catch (error) {
      if (signal.aborted) return
      leave(it, error)
      deps.onChange()
    }
    await clock.sleep(backoffMs(failures, BACKOFF, 1), signal).catch(() => undefined)
  }
}

async function connect(it: AppEngine, { open }: EngineLoopDeps): Promise<void> {
  const version = await it.engine.version(it.signal)
  if (version.apiVersion < API_VERSION_MIN) {
    throw new EngineRefused(
      400,
      `the engine speaks version ${version.apiVersion} of its API; ${API_VERSION_MIN} is needed`,
    )
  }
  if (it.device === '') await open()
  await it.lock(async () => {
    await readEngine(it, it.signal)
    await sweepRests(it, it.signal)
  })
  it.version = version
  delete it.trouble
}

function leave(it: AppEngine, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  // Most devices have no engine, and nothing to report about it.
  if (it.version || !(error instanceof EngineGone)) it.log.warn('engine_lost', { error })
  delete it.version
  it.trouble = { code: 'engine_unreachable', message: message.slice(0, 1_000) }
  it.facts.clear()
  it.images.clear()
  it.activations.clear()
  it.usage.clear()
  it.exitCodes.clear()
}

/** Throws when the engine ends. */
async function stayConnected(it: AppEngine, deps: EngineLoopDeps): Promise<void> {
  const end = new AbortController()
  const signal = AbortSignal.any([it.signal, end.signal])
  const wakeUp = createWakeUp(it.clock)
  const hear = ({ id, exitCode }: EngineEvent) => {
    if (exitCode !== undefined) it.exitCodes.set(id, exitCode)
    wakeUp.wake()
  }
  const ended = it.engine.follow(`${LABELS.device}=${it.device}`, hear, signal).then(
    () => new EngineGone('the container engine ended its stream of events'),
    (error: unknown) => error,
  )
  let lost: unknown
  void ended.then((error) => {
    lost = error
    wakeUp.wake()
  })
  try {
    for (let known = ''; ; ) {
      const now = await it.lock(() => refresh(it, deps, signal))
      if (now !== known) deps.onChange()
      known = now
      await wakeUp.wait(READ_EVERY_MS, signal)
      if (lost !== undefined) throw lost
      await it.clock.sleep(SETTLE_MS, signal)
    }
  } finally {
    end.abort()
  }
}

/** Reads and judges. The answer changes when the plan of the device may. */
async function refresh(it: AppEngine, deps: EngineLoopDeps, signal: AbortSignal): Promise<string> {
  await readEngine(it, signal)
  for (const [name, activation] of it.activations) {
    const release = it.releases.get(activation.key)
    if (!release) {
      it.activations.delete(name)
      continue
    }
    const others = it.releases
      .list()
      .filter((other) => other.item.name === name && containerKey(other) !== containerKey(release))
    for (const other of others) await stopRelease(it, other, signal)
    if (it.stopped.has(name)) await stopRelease(it, release, signal)
    else if (activation.servingSinceMs === undefined) await advance(it, release, activation, signal)
    judgeActivation(it, release, activation)
  }
  await readUsage(it, signal)
  await sweepAgain(it, signal)
  await dropSpares(it, deps, signal)
  return stateText(it)
}

/** A rollback can load its images again from the files of its version. */
async function dropSpares(it: AppEngine, { freeBytes }: EngineLoopDeps, signal: AbortSignal): Promise<void> {
  const spares = it.releases.spares()
  if (spares.length === 0 || (await freeBytes()) >= FREE_BYTES_MIN) return
  for (const { item } of spares) await it.releases.remove(releaseKey(item))
  await sweepRests(it, signal)
}

function stateText(it: AppEngine): string {
  const states = it.releases.list().map((release) => {
    const { item } = release
    const activation = it.activations.get(item.name)
    const own = activation?.key === releaseKey(item) ? activation : undefined
    const services = Object.entries(factsFor(it, release)).map(([name, { state, health }]) => [name, state, health])
    return [releaseKey(item), hasImages(it, release), own?.servingSinceMs, own?.problem, services]
  })
  return JSON.stringify(states)
}
