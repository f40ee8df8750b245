/** Order judge: no wave's devices are asked on the strength of nothing, told from rows alone and not from core's own rules. */
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import type { SimulatedRow, simulateRollout } from '../simulation/rollout-simulation.ts'

type Simulation = ReturnType<typeof simulateRollout>
type Moment = { state: RolloutState; asked: readonly SimulatedRow['id'][]; isResumed: boolean }

const SILENT: readonly SimulatedRow['outcome'][] = ['waiting', 'offered', 'skipped']

/**
 * Asked after every act, it says what is wrong. A device of a later wave is offered the revision only after one has been decided, or
 * a person went on without; and that counts only while the revision has a device.
 */
export function createOrderJudge(): (rollout: Simulation, before: Moment) => string | undefined {
  let isProved = false
  return ({ rows, state }, before) => {
    const { removalWave, switchWave, waves } = state()
    const own = rows.filter(({ wave }) => wave !== removalWave)
    const had = before.state.waves.some(
      ({ counts }, index) => index !== removalWave && Object.values(counts).some(Boolean),
    )
    const isDecided = own.some(({ wave, outcome }) => wave === switchWave || !SILENT.includes(outcome))
    isProved = had && (isProved || before.isResumed || isDecided)
    const asked = own.filter(({ id, wave, outcome }) => outcome === 'offered' && wave > 0 && !before.asked.includes(id))
    return asked.some(({ wave }) => wave < waves.length) && !isProved
      ? 'a wave is asked before any device of the waves before it has been decided'
      : undefined
  }
}
