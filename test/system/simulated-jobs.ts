/**
 * Simulated jobs: the agent's own job desk on a simulated machine, with doors that only take time. It checks for events
 * that must never happen.
 */
import { createHubTime } from '@skerry/agent/hub/hub-time'
import { createJobDesk } from '@skerry/agent/jobs/job-desk'
import { jobKinds } from '@skerry/agent/jobs/job-kinds'
import type { DeviceCharacter } from '@skerry/agent/simulator/simulated-device'
import type { JobJournal } from '@skerry/agent/store/job-journal'
import type { JobKey } from '@skerry/contract/batches/job'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'

export type SimulatedJobsDeps = {
  deviceId: DeviceId
  organisationId: OrganisationId
  trustedKeys: readonly string[]
  random: () => number
  reboot(): void
  broken(law: string, detail: unknown): void
}

const SILENT = { info() {}, warn() {}, error() {} }

/** A job takes a few seconds at most. */
const JOB_MS = 4_000

/** For each life of the machine a desk, on the journal that outlives them. */
export function simulatedJobs(deps: SimulatedJobsDeps): NonNullable<DeviceCharacter['makeJobs']> {
  const { deviceId, organisationId, trustedKeys, random, reboot } = deps
  const watch = watchJournal(deps)
  return ({ store, clock, bootId }) => {
    const hubTime = createHubTime(store, clock)
    const takeTime = async <T>(answer: T) => {
      await clock.sleep(random() * JOB_MS, new AbortController().signal)
      return answer
    }
    const desk = createJobDesk({
      kinds: jobKinds({
        logs: { add() {}, newest: () => ({ text: '', omittedCount: 0 }), follow: () => () => {} },
        diagnose: () => takeTime({}),
        refreshInventory: () => takeTime({} as never),
        renewCertificate: () => takeTime(0),
        collectGarbage: () => takeTime({ files: 0, bytes: 0 }),
        configure: (configuration) => configuration,
        bench: () => Promise.reject(new Error('a simulated device measures nothing')),
        power: () => Promise.reject(new Error('a simulated device has no machine to switch off')),
        calibrate: () => Promise.reject(new Error('a simulated device captures no rows')),
        control: () => Promise.reject(new Error('a simulated device runs no containers')),
        restart: reboot,
      }),
      journal: watch(store.jobs),
      clock,
      log: SILENT,
      bootId,
      hubTime,
      membership: () => ({ deviceId, organisationId, trustedKeys }),
    })
    return { desk, hearTime: hubTime.hear }
  }
}

/** A job begins once, except for a harmless one that a kill cut short; and it ends once. */
function watchJournal({ broken, deviceId }: SimulatedJobsDeps): (journal: JobJournal) => JobJournal {
  const done = new Set<string>()
  const spell = ({ batchId, attempt }: JobKey) => `${batchId} ${attempt}`
  return (journal) => ({
    ...journal,
    begin(job) {
      if (journal.has(job) || done.has(spell(job))) broken('a job is done once', { deviceId, job })
      journal.begin(job)
    },
    end(result, expiresAtMs) {
      if (result.outcome !== 'cancelled') done.add(spell(result))
      journal.end(result, expiresAtMs)
    },
  })
}
