/** Page facts: the state of the device as its local page shows it. All of it is known without the hub. */
import { TAGS_READ_MAX, TagReading } from '@skerry/contract/devices/device-command'
import type { SentReport } from '@skerry/contract/devices/device-report'
import type { HeldConnections } from '@skerry/contract/held/connections'
import type { CheckResult } from '@skerry/contract/settings/device-settings'
import type { UpdateLock } from '@skerry/core/device/update-hold'
import type { Clock } from '@skerry/platform/process/clock'
import * as z from 'zod'
import type { LocalConsents } from '../access/local-consents.ts'
import type { LogRing } from '../commands/log-ring.ts'
import type { JobDoors } from '../jobs/job-kinds.ts'
import type { Identity } from '../joining/identity.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import { checkAddress } from '../settings/check-address.ts'
import type { AuditJournal } from '../store/audit-journal.ts'

/** The parts of the device that the page reads. */
export type PageDoors = {
  identity(): Pick<Identity, 'name' | 'deviceId' | 'hub'> | undefined
  report(): Promise<SentReport>
  locks(): Promise<readonly UpdateLock[]>
  connections(): HeldConnections
  runner: Pick<RunnerSources, 'askSources'>
  consents: LocalConsents
  /** The kinds of remote access that the operator allows. */
  allowRemote: readonly string[]
  /** The checks of the settings, as the device has made them by itself. */
  checks(): readonly CheckResult[]
  diagnose: JobDoors['diagnose']
  logs: Pick<LogRing, 'newest'>
  journal: Pick<AuditJournal, 'after'>
  clock: Clock
}

export type PageFacts = {
  identity: ReturnType<PageDoors['identity']>
  report: SentReport
  locks: readonly UpdateLock[]
  connections: HeldConnections['running']
  hubQueue: HeldConnections['hubQueue']
  grants: ReturnType<LocalConsents['list']>
  isConsentNeeded: boolean
  allowRemote: readonly string[]
  checks: readonly CheckResult[]
  /** The time of the newest answer of the hub; undefined if there was none since the start. */
  hubHeardMs: number | undefined
  nowMs: number
}

/** Collects the facts of this moment. */
export async function readPageFacts(doors: PageDoors, hubHeardMs: number | undefined): Promise<PageFacts> {
  const { consents, allowRemote, clock } = doors
  const [report, locks] = await Promise.all([doors.report(), doors.locks()])
  const { running, hubQueue } = doors.connections()
  return {
    identity: doors.identity(),
    report,
    locks,
    connections: running,
    hubQueue,
    grants: consents.list(),
    isConsentNeeded: consents.isNeeded,
    allowRemote,
    checks: doors.checks(),
    hubHeardMs,
    nowMs: clock.nowMs(),
  }
}

const Said = z.object({ readings: z.array(TagReading).max(TAGS_READ_MAX), omittedCount: z.int().min(0) })

export type TagFacts = { ok: true; readings: TagReading[]; omittedCount: number } | { ok: false; message: string }

/** The newest values of the tags of a source. */
export async function readPageTags({ runner }: Pick<PageDoors, 'runner'>, source: string): Promise<TagFacts> {
  const answer = await runner.askSources({ kind: 'tags', source, tags: undefined })
  return answer.ok ? { ok: true, ...Said.parse(answer.said) } : { ok: false, message: answer.message }
}

/** Connects to the hub now, and to each address that the settings name. */
export async function checkNetwork(
  { identity, checks, clock }: Pick<PageDoors, 'identity' | 'checks' | 'clock'>,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const url = URL.parse(identity()?.hub ?? '')
  const hub = url ? [`${url.hostname}:${url.port || '443'}`] : []
  const targets = new Set([...hub, ...checks().map(({ target }) => target)])
  return Promise.all([...targets].map((target) => checkAddress(target, clock, signal)))
}
