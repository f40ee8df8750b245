/**
 * Fake jobs: the agent's own job desk on a simulated device. It checks jobs and does each once, as an agent does. The
 * work takes time, and returns a text of the usual length.
 */
import type { AgentConfiguration } from '@skerry/contract/batches/batch-command'
import type { JobResult } from '@skerry/contract/batches/job'
import type { Inventory } from '@skerry/contract/devices/device'
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { createHubTime } from '../hub/hub-time.ts'
import { createJobDesk, type JobMembership } from '../jobs/job-desk.ts'
import { type JobDoors, jobKinds } from '../jobs/job-kinds.ts'
import type { Jobs } from '../jobs/open-jobs.ts'
import { createSettings } from '../jobs/settings.ts'
import type { AgentStore } from '../store/agent-store.ts'
import type { JobJournal } from '../store/job-journal.ts'
import { type FleetFigures, jobFigures } from './fleet-figures.ts'
import type { Membership } from './fleet-joining.ts'

/** The parts that a job needs of the device's current life. */
export type JobLife = {
  store: AgentStore
  clock: Clock
  bootId: string
  /** Sends the whole report to the hub again. */
  reportNow(): void
  /** Ends this life, and begins another on the same disk. */
  restart(): void
}

export type FakeJobsDeps = {
  membership: Membership
  trustedKeys: readonly string[]
  inventory: Inventory
  figures: FleetFigures
  /** The duration of each job, in milliseconds. */
  jobMs: number
  log: Log
}

/** As long as the texts of a device with one model. */
const DIAGNOSTICS = {
  checks: ['records', 'disk', 'runner', 'clock'].map((check) => ({ check, ok: true })),
  uptimeSeconds: 0,
}

/** A desk for the life that begins. */
export function createFakeJobs(deps: FakeJobsDeps, life: JobLife): Pick<Jobs, 'desk' | 'hearTime'> {
  const { store, clock, bootId } = life
  const hubTime = createHubTime(store, clock)
  let member: JobMembership | undefined
  const desk = createJobDesk({
    kinds: jobKinds(doorsOf(deps, life)),
    journal: watchJournal(store.jobs, deps.figures, clock),
    clock,
    log: deps.log,
    bootId,
    hubTime,
    membership: () => (member ??= membershipOf(deps)),
  })
  return { desk, hearTime: hubTime.hear }
}

/** Most devices of a fleet never get a job. Reading a certificate takes as long as all the rest of a device. */
const membershipOf = ({ membership: { deviceId, certificate }, trustedKeys }: FakeJobsDeps): JobMembership => ({
  deviceId,
  trustedKeys,
  organisationId: parseCertificate(certificate)?.organisation,
})

function doorsOf({ inventory, jobMs, log }: FakeJobsDeps, { store, clock, reportNow, restart }: JobLife): JobDoors {
  const settings = createSettings(store, { logLevel: 'info' }, { setLevel() {} })
  const take = async <T>(answer: T, signal = new AbortController().signal): Promise<T> => {
    if (jobMs > 0) await clock.sleep(jobMs, signal)
    return answer
  }
  return {
    logs: { add() {}, newest: () => ({ text: LOG_LINE, omittedCount: 0 }), follow: () => () => {} },
    diagnose: () => take(DIAGNOSTICS),
    async refreshInventory() {
      reportNow()
      return take(inventory)
    },
    async renewCertificate() {
      log.warn('certificate_not_renewed', {})
      throw new Error('a simulated device keeps the certificate that it joined with')
    },
    collectGarbage: (signal) => take({ files: 0, bytes: 0 }, signal),
    configure: (configuration: AgentConfiguration) => settings.change(configuration),
    bench: () => Promise.reject(new Error('a simulated device has no processor of its own to measure')),
    calibrate: () => Promise.reject(new Error('a simulated device captures no rows')),
    control: () => Promise.reject(new Error('a simulated device runs no containers')),
    restart,
    power: () => Promise.reject(new Error('a simulated device has no machine of its own')),
  }
}

const LOG_LINE = `${JSON.stringify({ level: 'info', event: 'device_simulated' })}\n`

/** Counts the begun jobs, and their outcomes. */
function watchJournal(journal: JobJournal, figures: FleetFigures, clock: Clock): JobJournal {
  return {
    ...journal,
    begin(job) {
      const figure = jobFigures(figures, job.batchId)
      figure.begun += 1
      figure.firstMs ||= clock.monotonicMs()
      figure.lastMs = clock.monotonicMs()
      journal.begin(job)
    },
    end(result: JobResult, expiresAtMs) {
      jobFigures(figures, result.batchId)[result.outcome] += 1
      journal.end(result, expiresAtMs)
    },
  }
}
