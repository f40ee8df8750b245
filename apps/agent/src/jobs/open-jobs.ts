/**
 * Opens the desk for jobs, and the functions through which jobs change the device. Some of them exist only once the
 * device has its link.
 */
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { LogRing } from '../commands/log-ring.ts'
import { createHubTime, type HubTime } from '../hub/hub-time.ts'
import { memoryAvailableBytes } from '../inventory.ts'
import type { Identity } from '../joining/identity.ts'
import { controlAppOf } from '../kinds/drivers.ts'
import { type ReportSources, writeReport } from '../link/report.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import { orderPower } from '../system/power.ts'
import { programRunner } from '../system/run-program.ts'
import type { SystemSwitch } from '../system/system-options.ts'
import { diagnose } from './diagnostics.ts'
import { createJobDesk, type JobDesk, type JobMembership } from './job-desk.ts'
import { type JobDoors, jobKinds } from './job-kinds.ts'
import { JobProblem } from './job-problem.ts'
import type { Settings } from './settings.ts'

/** The functions that the link provides. */
export type LinkDoors = Pick<JobDoors, 'renewCertificate'> & { reportNow(): void }

export type JobParts = {
  data: string
  sources: ReportSources
  reconciler: Reconciler
  runner: RunnerSupervisor
  settings: Settings
  logs: LogRing
  clock: Clock
  log: Log
  refreshMachine(): void
  /** Absent if the agent cannot restart by itself. */
  restart: (() => void) | undefined
  /** The settings of the machine that the hub may change. */
  allowSystem: readonly SystemSwitch[]
} & Pick<JobDoors, 'bench' | 'calibrate'>

export type Jobs = {
  desk: JobDesk
  /** The state of the device, and a few checks that it makes now. */
  diagnose: JobDoors['diagnose']
  /** From now on, the device has this identity. */
  use(identity: Identity): void
  /** The functions of the link, once there is one. */
  useLink(doors: LinkDoors): void
  /** The hub answered with this time. */
  hearTime(hubTimeMs: number): void
}

/** No job begins before the desk runs. */
export function openJobs(parts: JobParts): Jobs {
  const { sources, clock, log } = parts
  const hubTime = createHubTime(sources.store, clock)
  let member: JobMembership | undefined
  let link: LinkDoors | undefined
  const doors = doorsOf(parts, hubTime, () => link)
  const desk = createJobDesk({
    kinds: jobKinds(doors),
    journal: sources.store.jobs,
    clock,
    log,
    bootId: sources.bootId,
    membership: () => member,
    hubTime,
  })
  return {
    desk,
    diagnose: doors.diagnose,
    use({ deviceId, certificate, trustedKeys }) {
      member = { deviceId, organisationId: parseCertificate(certificate)?.organisation, trustedKeys }
    },
    useLink(doors) {
      link = doors
    },
    hearTime: hubTime.hear,
  }
}

function doorsOf(parts: JobParts, hubTime: HubTime, linkNow: () => LinkDoors | undefined): JobDoors {
  const { sources, settings, reconciler, runner, clock } = parts
  return {
    logs: parts.logs,
    diagnose: () =>
      diagnose({
        data: parts.data,
        store: sources.store,
        runner,
        clock,
        memoryAvailableBytes,
        hubNowMs: hubTime.nowMs,
        report: () => writeReport(sources),
      }),
    async refreshInventory() {
      parts.refreshMachine()
      linkNow()?.reportNow()
      return sources.inventory()
    },
    async renewCertificate(signal) {
      const link = linkNow()
      if (!link) throw new Error('the device has no link yet')
      return link.renewCertificate(signal)
    },
    collectGarbage: (signal) => reconciler.collect(signal),
    bench: parts.bench,
    calibrate: parts.calibrate,
    configure(configuration) {
      const kept = settings.change(configuration)
      runner.setLogLevel(settings.logLevel())
      reconciler.wake()
      return kept
    },
    async control(action, { app, service }, signal) {
      const answer = await controlAppOf(sources.drivers, { action, app, service }, signal)
      if (!answer.ok) throw new JobProblem(answer)
      // Nothing of the item has changed but its figures, for which the next report could be minutes away.
      linkNow()?.reportNow()
      return ''
    },
    restart() {
      if (!parts.restart) throw new Error('this agent cannot restart itself; have its supervisor restart it')
      parts.restart()
    },
    power: (action, signal) =>
      orderPower(action, { switches: parts.allowSystem, run: programRunner(process.env), clock }, signal),
  }
}
