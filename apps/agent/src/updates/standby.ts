/**
 * Standby: two versions of the agent share a hand-over. The running one asks its launcher to start the next one beside
 * it, and waits until that one has loaded its code. The next one waits for its turn. Everything here saves time only:
 * if any part of it fails, the launcher starts the next version after the end of this one.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { askStandby, noteReady, STANDS_BY, standbyState, versionFolder } from '../launcher/launch-files.ts'
import { TURN } from '../launcher/standby.ts'

/** In milliseconds. To load the code takes 0.5 s of a fast processor, and some seconds of a slow or busy one. */
const READY_MS = 30_000
const LOOK_MS = 50

/** An agent without models uses 100 MB. With less than this much available memory, two of them must not run at once. */
export const STANDBY_BYTES_MIN = 256 * 1024 ** 2

export type StandbyWish = {
  root: string
  /** Absent under a launcher that cannot start a version beside another one. */
  launcherPid: number | undefined
  availableBytes: () => number
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
  log: Pick<Log, 'info' | 'warn'>
}

type StandbyAnswer = 'ready' | 'impossible' | 'no_memory' | 'ended' | 'late'

/** Resolves when the version stands by, or when it is clear that it will not. Throws only if the signal aborts. */
export async function prepareStandby(wish: StandbyWish, digest: string, signal: AbortSignal): Promise<StandbyAnswer> {
  const answer = await tryStandby(wish, digest, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    wish.log.warn('standby_failed', { error })
    return 'impossible' as const
  })
  wish.log.info('standby_answered', { digest, answer })
  return answer
}

async function tryStandby(wish: StandbyWish, digest: string, signal: AbortSignal): Promise<StandbyAnswer> {
  const { root, launcherPid, availableBytes, clock } = wish
  // The signal must reach no other process: that of an older launcher, or of one that took the number of a dead one.
  if (launcherPid === undefined || launcherPid !== process.ppid) return 'impossible'
  if (!existsSync(join(versionFolder(root, digest), STANDS_BY))) return 'impossible'
  if (availableBytes() < STANDBY_BYTES_MIN) return 'no_memory'
  askStandby(root, digest)
  process.kill(launcherPid, 'SIGUSR2')
  const endMs = clock.monotonicMs() + READY_MS
  while (clock.monotonicMs() < endMs) {
    const state = standbyState(root, digest)
    if (state === 'ready') return 'ready'
    if (state === 'gone') return 'ended'
    await clock.sleep(LOOK_MS, signal)
  }
  return 'late'
}

/**
 * Loads the code of this version, and waits for its turn. False: the launcher has ended, or the turn of this version
 * never came.
 */
export async function standBy(
  { SKERRY_LAUNCHER: root, SKERRY_AGENT_DIGEST: digest }: NodeJS.ProcessEnv,
  load: () => Promise<unknown>,
): Promise<boolean> {
  if (root === undefined || digest === undefined) return false
  await load()
  noteReady(root, digest)
  let text = ''
  // The pipe ends with the launcher too.
  for await (const piece of process.stdin) text += String(piece)
  return text === TURN
}
