/**
 * Job desk: carries out the jobs of batches on this device, each job once, one after another. It begins a job only if
 * it is signed for this device, is in force now, and came over the current link. The journal has its begin before the
 * work starts, and its end before the result is sent.
 */
import type { BatchCommand } from '@skerry/contract/batches/batch-command'
import {
  type BatchStatement,
  JOB_OUTPUT_BYTES_MAX,
  JobKey,
  JobMessage,
  type JobResult,
} from '@skerry/contract/batches/job'
import type { Cause } from '@skerry/contract/devices/item'
import type { DeviceId } from '@skerry/contract/values/ids'
import { jobProblem } from '@skerry/core/batches/job-acceptance'
import { digestOf } from '@skerry/platform/files/hash'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { verifyBatch } from '@skerry/platform/signatures/batch-signature'
import type { HubTime } from '../hub/hub-time.ts'
import type { JobJournal } from '../store/job-journal.ts'
import { createWakeUp } from '../wake-up.ts'
import type { JobKind, JobKinds, JobRow } from './job-kinds.ts'
import { JobProblem } from './job-problem.ts'

export type JobDeps = {
  kinds: JobKinds
  journal: JobJournal
  clock: Clock
  log: Pick<Log, 'info' | 'warn' | 'error'>
  bootId: string
  /** Undefined before the device has joined. */
  membership(): JobMembership | undefined
  hubTime: Pick<HubTime, 'nowMs' | 'heardMs'>
}

export type JobMembership = {
  deviceId: DeviceId
  organisationId: string | undefined
  trustedKeys: readonly string[]
}

export type JobDesk = {
  readonly kinds: readonly string[]
  /** Takes a message of the hub. */
  take(message: unknown): void
  /** The link of the waiting jobs is gone. The next link sends them again, unless they have expired. */
  linkEnded(): void
  /** Results that the hub may not have, oldest first. */
  unheard(): JobResult[]
  heard(result: JobResult): void
  /** Resolves when there may be more of them. */
  news(signal: AbortSignal): Promise<void>
  /** Works until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** The hub sends one batch after another. More than a few waiting jobs are a mistake. */
const WAITING_MAX = 64

/** No job takes longer. A job that hangs must not block the next one. */
const RUN_MAX_MS = 10 * 60_000

const IDLE_MS = 60_000

/** [contract, Cause.message] */
const MESSAGE_MAX = 1_000

type Do = Extract<JobMessage, { kind: 'do' }>

type Desk = JobDeps & { waiting: Map<string, Do>; running: string | undefined; wake(): void; tell(): void }

/** Settles the interrupted jobs of an earlier agent. It begins no job before `run`. */
export function createJobDesk(deps: JobDeps): JobDesk {
  const work = createWakeUp(deps.clock)
  const results = createWakeUp(deps.clock)
  const desk: Desk = { ...deps, waiting: new Map(), running: undefined, wake: work.wake, tell: results.wake }
  settleInterrupted(desk)
  return {
    kinds: Object.keys(deps.kinds),
    take: (message) => take(desk, message),
    linkEnded: () => desk.waiting.clear(),
    unheard: () => deps.journal.unheard(),
    heard: (result) => deps.journal.heard(result),
    news: (signal) => results.wait(IDLE_MS, signal),
    async run(signal) {
      for (;;) {
        for (const [key, job] of desk.waiting) {
          desk.waiting.delete(key)
          desk.running = key
          // A job that cannot be recorded has not begun. The next link sends it again.
          await perform(desk, job, signal).catch((error: unknown) => deps.log.error('job_not_recorded', { error }))
          desk.running = undefined
        }
        forgetExpired(deps)
        await work.wait(IDLE_MS, signal)
      }
    },
  }
}

/** It follows only the hub's time: if the device's clock were ahead, finished jobs would be repeated. */
function forgetExpired({ journal, hubTime }: JobDeps): void {
  const nowMs = hubTime.heardMs()
  if (nowMs !== undefined) journal.forgetExpired(nowMs)
}

/** The kind of a job decides about an interruption. */
function settleInterrupted({ journal, kinds, bootId, log }: Desk): void {
  for (const job of journal.begun()) {
    const { batchId, attempt, kind, expiresAtMs } = job
    const interrupted = kinds[kind]?.interrupted ?? 'lost'
    log.info('job_interrupted', { batch: batchId, kind, interrupted })
    if (interrupted === 'again') journal.forget(job)
    else if (interrupted === 'reboot') {
      const output = JSON.stringify({ bootIdBefore: job.bootId, bootId })
      journal.end({ batchId, attempt, outcome: 'succeeded', output }, expiresAtMs)
    } else {
      const cause = {
        code: 'job_interrupted',
        message: 'the agent ended while the job ran; look at the device, then retry',
      }
      journal.end({ batchId, attempt, outcome: 'failed', cause }, expiresAtMs)
    }
  }
}

const spell = ({ batchId, attempt }: JobKey) => `${batchId} ${attempt}`

function take(desk: Desk, offered: unknown): void {
  const { success, data } = JobMessage.safeParse(offered)
  if (!success) refuseUnread(desk, offered)
  else if (data.kind === 'do') queue(desk, data)
  else if (desk.waiting.delete(spell(data))) end(desk, data, { outcome: 'cancelled' })
}

function queue(desk: Desk, job: Do): void {
  const key = spell(job)
  if (desk.waiting.has(key) || desk.running === key) return
  if (desk.journal.has(job)) {
    // A hub that was restored from a backup sends a job that it had.
    desk.journal.doubt(job)
    desk.tell()
  } else if (desk.waiting.size >= WAITING_MAX) {
    const message = 'too many jobs are pending on the device; retry the batch later'
    end(desk, job, { outcome: 'failed', cause: { code: 'device_busy', message } })
  } else {
    desk.waiting.set(key, job)
    desk.wake()
  }
}

/**
 * A later hub may send a job that this agent cannot parse. If its key can be parsed, the agent answers with that
 * reason.
 */
function refuseUnread(desk: Desk, offered: unknown): void {
  const key = JobKey.safeParse(pick(offered))
  if (!key.success || desk.journal.has(key.data)) return
  const cause = { code: 'job_unreadable', message: 'the agent cannot read the signed batch; update the agent' }
  end(desk, key.data, { outcome: 'failed', cause })
}

const pick = (offered: unknown) => {
  const { batchId, attempt } = Object(offered)
  return { batchId, attempt }
}

async function perform(desk: Desk, job: Do, signal: AbortSignal): Promise<void> {
  const judged = judge(desk, job)
  if ('cause' in judged) {
    desk.log.warn('job_refused', { batch: job.batchId, ...judged.cause })
    return end(desk, job, { outcome: 'failed', cause: judged.cause })
  }
  const { command, expiresAtMs } = judged.statement
  const kind = command.kind as JobKind
  const { batchId, attempt } = job
  desk.journal.begin({ batchId, attempt, kind, expiresAtMs, bootId: desk.bootId })
  desk.log.info('job_begun', { batch: batchId, attempt, kind })
  const startMs = desk.clock.monotonicMs()
  const result = await runRow(desk, command, signal)
  // A stop during the job: the next start decides its outcome.
  if (signal.aborted) return
  const durationMs = Math.round(desk.clock.monotonicMs() - startMs)
  end(desk, job, { ...result, durationMs }, expiresAtMs)
}

/** Whether this device may do the job. */
function judge(
  desk: Desk,
  { batchId, attempt, envelope, proof }: Do,
): { statement: BatchStatement } | { cause: Cause } {
  const member = desk.membership()
  if (!member) return { cause: { code: 'job_misdirected', message: 'this computer has not joined a hub' } }
  const verdict = verifyBatch(envelope, member.trustedKeys)
  if (!verdict.ok) return { cause: { code: verdict.code, message: verdict.message } }
  const facts = { ...member, nowMs: desk.hubTime.nowMs(), hash: digestOf }
  const cause = jobProblem(verdict.statement, { key: { batchId, attempt }, proof }, facts)
  if (cause) return { cause }
  if (verdict.statement.command.kind in desk.kinds) return { statement: verdict.statement }
  return { cause: { code: 'job_unreadable', message: 'the agent does not know this command; update the agent' } }
}

type Ended = Omit<JobResult, 'batchId' | 'attempt'>

async function runRow({ kinds, log }: Desk, command: BatchCommand, signal: AbortSignal): Promise<Ended> {
  // A row takes the command of its own kind, which the compiler cannot follow through the table.
  const row = kinds[command.kind as JobKind] as JobRow<JobKind>
  const limited = AbortSignal.any([signal, AbortSignal.timeout(RUN_MAX_MS)])
  try {
    const output = await row.run(command as never, limited)
    return { outcome: 'succeeded', output: fitting(output) }
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_MAX)
    if (!signal.aborted) log.error('job_failed', { kind: command.kind, error })
    return { outcome: 'failed', cause: { code: error instanceof JobProblem ? error.code : 'job_failed', message } }
  }
}

/** Cuts a text that is too long. A character that is cut in two is left out. */
function fitting(output: string): string {
  const bytes = Buffer.from(output)
  if (bytes.length <= JOB_OUTPUT_BYTES_MAX) return output
  return bytes
    .subarray(0, JOB_OUTPUT_BYTES_MAX)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
}

/** An unsigned expiry time is not trusted: such an entry is forgotten as soon as the hub has it. */
function end(desk: Desk, { batchId, attempt }: JobKey, result: Ended, expiresAtMs = 0): void {
  desk.journal.end({ batchId, attempt, ...result }, expiresAtMs)
  desk.log.info('job_ended', { batch: batchId, attempt, outcome: result.outcome })
  desk.tell()
}
