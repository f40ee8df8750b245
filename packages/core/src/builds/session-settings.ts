/**
 * Session settings: the threads of a session, and whether they spin while they wait. A device tries a few with the fastest
 * build. The graph level is no setting: every model is served with all optimisations of the runtime.
 */
import type { CandidateResult, Ratio, SessionResult, SessionSettings } from '@skerry/contract/builds/measurement'
import type { Serving } from '@skerry/contract/models/serving'

/** More than four threads need a model that is larger than those of small devices. */
const THREADS = [2, 4] as const

/** The settings that a device of so many cores tries, beside one thread. */
export const sessionsFor = (cores: number): SessionSettings[] =>
  THREADS.filter((threads) => threads <= cores).flatMap((threads) => [
    { threads, spin: false },
    { threads, spin: true },
  ])

/** The build with which settings are tried; undefined if no build is faster than the version for certain. */
export function fastestBuild(candidates: readonly CandidateResult[]): CandidateResult | undefined {
  const [fastest] = candidates
    .filter(({ build, timing }) => build !== undefined && (timing?.speed?.low ?? 0) > 1)
    .toSorted((a, b) => (b.timing?.speed?.middle ?? 0) - (a.timing?.speed?.middle ?? 0))
  return fastest
}

/**
 * The fastest settings whose interval lies above that of one thread; undefined if there are none. More threads that are
 * perhaps faster only take cores from other work.
 */
export function bestSession(sessions: readonly SessionResult[], alone: Ratio | undefined) {
  if (!alone) return undefined
  const faster = sessions.flatMap(({ threads, spin, timing }) =>
    timing?.speed && timing.speed.low > alone.high ? [{ threads, spin, speed: timing.speed }] : [],
  )
  const [best] = faster.toSorted(
    (a, b) => b.speed.middle - a.speed.middle || a.threads - b.threads || Number(a.spin) - Number(b.spin),
  )
  return best
}

/** How a model is served with measured settings. Settings that the deployment itself names have precedence. */
export function servingWith(serving: Serving, session: SessionSettings | undefined): Serving {
  const isNamed = serving.threads !== 1 || serving.spin
  return session && !isNamed ? { ...serving, threads: session.threads, spin: session.spin } : serving
}

/** Such as `2 threads` or `4 threads that spin`. */
export const sessionText = ({ threads, spin }: SessionSettings): string =>
  `${threads} thread${threads === 1 ? '' : 's'}${spin ? ` that spin${threads === 1 ? 's' : ''}` : ''}`
