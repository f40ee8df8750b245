/** Removal judge: what must be true of devices that lose the model, told from rows alone and not from core's own rules. */
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import type { SimulatedRow, simulateRollout } from '../simulation/rollout-simulation.ts'

type Simulation = ReturnType<typeof simulateRollout>

/** The rows of devices that the revision no longer picks. */
export const leavingRows = (rollout: Simulation): SimulatedRow[] =>
  rollout.rows.filter(({ wave }) => wave === rollout.state().removalWave)

/** A device that leaves keeps its version until all waves are healthy, and gets it back when the revision is rolled back. */
export function removalProblem(rollout: Simulation, before: RolloutState): string | undefined {
  const { status, wave, waves, removalWave } = rollout.state()
  if (removalWave === undefined) return undefined
  const left = rollout.offered().filter((index) => rollout.rowOf(index).wave === removalWave)
  const outcomes = left.map((index) => rollout.rowOf(index).outcome)
  // Those that were asked before the revision's first device came stay asked.
  const isAnyNew = askedIn(waves[removalWave]) > askedIn(before.waves[removalWave])
  if (wave !== removalWave && isAnyNew) return 'a device leaves before the other waves have passed'
  if (status === 'rolled-back' && left.length > 0) return 'a rollback does not give the model back'
  if (status === 'aborted' && outcomes.some((outcome) => outcome !== 'healthy'))
    return 'an abort does not stop a removal that is not confirmed'
  if (wave === before.wave || wave !== removalWave) return undefined
  const undecided = rollout.rows.filter(
    (row) => row.wave < removalWave && (row.outcome === 'waiting' || row.outcome === 'offered'),
  )
  return undecided.length > 0 ? 'removals begin while another device is not decided' : undefined
}

const askedIn = (wave: RolloutState['waves'][number] | undefined) =>
  Object.values(wave?.counts ?? {}).reduce((sum, count) => sum + count, 0) - (wave?.counts.waiting ?? 0)

/** Once every device has answered: a rollout that brings the model to no device removes it everywhere, and waits for the first to come. */
export function finalProblem(rollout: Simulation): string | undefined {
  const leaving = leavingRows(rollout)
  const { status } = rollout.state()
  if (leaving.length < rollout.rows.length && status !== 'done') return `the rollout is ${status}, and not done`
  const stayed = leaving.filter(({ outcome }) => outcome !== 'healthy' && outcome !== 'skipped')
  return stayed.length > 0 ? 'a device that should leave has not left' : undefined
}
