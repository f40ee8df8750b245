/**
 * OS proof: whether a new system works. The hub must answer in it, and a program of the owner of the device must succeed.
 * Only then the probation begins, and only a system with both is marked good for the boot loader.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Clock } from '@skerry/platform/process/clock'
import { CONTACT_SECONDS, type HubContact } from '../../updates/agent-seat.ts'
import type { DriverAnswer } from '../driver.ts'
import type { OsCheckWish } from './os-options.ts'

/** `contact` is absent without a launcher: then the answer of the hub is not required. */
export type OsProofDeps = {
  check: OsCheckWish | undefined
  contact: HubContact | undefined
  contactSeconds?: number | undefined
  clock: Pick<Clock, 'monotonicMs'>
}

export type OsProof = {
  /** Answers with `waitMs` while a new system may still come up. Any other failure is a fault of the version. */
  ofTrial(digest: string, signal: AbortSignal): Promise<DriverAnswer>
  /** Whether the program of the owner succeeds now. */
  ofSystem(signal: AbortSignal): Promise<DriverAnswer>
}

const DONE: DriverAnswer = { ok: true }

/** A service that starts needs seconds. */
const AGAIN_MS = 5_000

export function openOsProof({ check, contact, contactSeconds = CONTACT_SECONDS, clock }: OsProofDeps): OsProof {
  const sinceMs = new Map<string, number>()
  // The start of the agent and the loop ask at the same time. The program must not run twice at once.
  let running: Promise<DriverAnswer> | undefined
  const ofSystem = (signal: AbortSignal): Promise<DriverAnswer> => {
    if (!check) return Promise.resolve(DONE)
    running ??= runCheck(check, signal).finally(() => {
      running = undefined
    })
    return running
  }
  return {
    ofSystem,
    async ofTrial(digest, signal) {
      const begunMs = sinceMs.get(digest) ?? clock.monotonicMs()
      sinceMs.set(digest, begunMs)
      if (contact && !contact.isHeard())
        return later(UNCONFIRMED, begunMs + contactSeconds * 1_000 - clock.monotonicMs())
      const answer = await ofSystem(signal)
      if (answer.ok || answer.code !== CHECK_FAILED) return answer
      return later(answer, begunMs + (check?.limitMs ?? 0) - clock.monotonicMs())
    },
  }
}

type Failed = Extract<DriverAnswer, { ok: false }>

const UNCONFIRMED: Failed = {
  ok: false,
  code: 'os_unconfirmed',
  message: 'the new system runs, and its hub has not answered in it',
}

const later = (failed: Failed, leftMs: number): Failed => (leftMs > 0 ? { ...failed, waitMs: AGAIN_MS } : failed)

const CHECK_FAILED = 'os_check_failed'

/** A message needs the reason and no log. */
const WORDS_MAX = 300

/** The end of the output is kept while the program runs. */
const OUTPUT_MAX = 16_384

/** A program that hangs ends with all that it has started. */
async function runCheck({ program, limitMs }: OsCheckWish, signal: AbortSignal): Promise<DriverAnswer> {
  const limit = AbortSignal.timeout(limitMs)
  const ended = AbortSignal.any([signal, limit])
  const child = spawn(program, [], {
    detached: true,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let words = ''
  const keep = (piece: Buffer) => {
    words = `${words}${piece.toString('utf8')}`.slice(-OUTPUT_MAX)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const stop = () => {
    if (child.pid !== undefined) killGroup(child.pid)
  }
  ended.addEventListener('abort', stop, { once: true })
  try {
    const [code, ending] = (await once(child, 'exit')) as [number | null, string | null]
    if (signal.aborted) return { ok: false, code: 'runner_gone', message: 'the agent ends' }
    if (code === 0 && !limit.aborted) return DONE
    const how = limit.aborted ? `did not end within ${limitMs / 1_000} s` : `ended with ${code ?? ending}`
    return failed(program, `${how}: ${words.trim().slice(-WORDS_MAX)}`)
  } catch (error) {
    return failed(program, `cannot run: ${(error as Error).message}`)
  } finally {
    ended.removeEventListener('abort', stop)
    stop()
  }
}

const failed = (program: string, how: string): DriverAnswer => ({
  ok: false,
  code: CHECK_FAILED,
  message: `the health check ${program} ${how.replace(/: $/, '')}`,
})

/** [kill(2)] A negative number means the group. The group may have ended already. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {}
}
