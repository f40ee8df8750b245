/**
 * Session settings: the threads of a session, whether they spin while they wait, and the rows that run as one. A device
 * tries a few with the fastest build. The graph level is no setting: every model is served with all optimisations of
 * the runtime.
 */
import type { CandidateResult, Ratio, SessionResult, SessionSettings } from '@skerry/contract/builds/measurement'
import type { Serving } from '@skerry/contract/models/serving'

/** More than four threads need a model that is larger than those of small devices. */
const THREADS = [2, 4] as const

/** Larger batches make single requests wait for each other, and gain little more. */
const BATCHES = [4, 16] as const

/** The groups of settings that a command asks for. */
export type SessionWish = Readonly<Partial<Record<'sessions' | 'batches', true | undefined>>>

/** The settings that a device of so many cores tries, beside one thread and single rows. */
export const sessionsFor = (cores: number, { sessions, batches }: SessionWish): SessionSettings[] => [
  ...(sessions ? THREADS : [])
    .filter((threads) => threads <= cores)
    .flatMap((threads) => [
      { threads, spin: false },
      { threads, spin: true },
    ]),
  ...(batches ? BATCHES : []).map((batch) => ({ threads: 1, spin: false, batch })),
]

/** The build with which settings are tried; undefined if no build is faster than the version for certain. */
export function fastestBuild(candidates: readonly CandidateResult[]): CandidateResult | undefined {
  const [fastest] = candidates
    .filter(({ build, timing }) => build !== undefined && (timing?.speed?.low ?? 0) > 1)
    .toSorted((a, b) => (b.timing?.speed?.middle ?? 0) - (a.timing?.speed?.middle ?? 0))
  return fastest
}

/**
 * The fastest settings whose interval lies above that of one thread; undefined if there are none. More threads that are
 * perhaps faster only take cores from other work. Threads make each answer faster, and a batch those of waiting
 * requests. So the best of both is taken, and the speed is that of the threads, if they have one.
 */
export function bestSession(sessions: readonly SessionResult[], alone: Ratio | undefined) {
  if (!alone) return undefined
  const faster = sessions
    .flatMap(({ timing, problem: _problem, ...settings }) =>
      timing?.speed && timing.speed.low > alone.high ? [{ ...settings, speed: timing.speed }] : [],
    )
    .toSorted(
      (a, b) =>
        b.speed.middle - a.speed.middle ||
        a.threads - b.threads ||
        Number(a.spin) - Number(b.spin) ||
        (a.batch ?? 1) - (b.batch ?? 1),
    )
  const best = faster.find(({ batch }) => batch === undefined)
  const batched = faster.find(({ batch }) => batch !== undefined)
  return best && batched ? { ...best, batch: batched.batch } : (best ?? batched)
}

/** How a model is served with measured settings. Settings that the deployment itself names have precedence. */
export function servingWith(serving: Serving, session: SessionSettings | undefined): Serving {
  if (!session) return serving
  const isNamed = serving.threads !== 1 || serving.spin
  const threads = isNamed ? {} : { threads: session.threads, spin: session.spin }
  const batch = session.batch === undefined || serving.maxBatch !== 1 ? {} : { maxBatch: session.batch }
  return { ...serving, ...threads, ...batch }
}

/** Such as `2 threads`, `4 threads that spin` or `1 thread and batches of 16`. */
export const sessionText = ({ threads, spin, batch }: SessionSettings): string =>
  `${threads} thread${threads === 1 ? '' : 's'}${spin ? ` that spin${threads === 1 ? 's' : ''}` : ''}${batch === undefined ? '' : ` and batches of ${batch}`}`
