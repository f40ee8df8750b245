/** Wave lane: one wave with its numbers, and each of its devices as a cell. */
import type { Rollout, RolloutDevice, RolloutWave } from '@skerry/contract/rollout'
import { isEnded } from '@skerry/core/rollout-state'
import { cn } from '../../components/class-names.ts'
import { Instant } from '../../components/instant.tsx'
import { OutcomeBar, outcomeText } from '../../components/outcome-bar.tsx'
import { texts } from '../../texts/english.ts'
import { DeviceCells } from './device-cells.tsx'

const words = texts.rollout

type WaveLaneProps = { wave: RolloutWave; index: number; rollout: Rollout; devices: readonly RolloutDevice[] }

/** The lane; its devices may still be on their way. */
export function WaveLane({ wave, index, rollout, devices }: WaveLaneProps) {
  const state = stateOf(wave, index, rollout)
  return (
    <li
      aria-label={words.lane(wave.name, outcomeText(wave.counts))}
      className="grid gap-x-6 gap-y-3 p-4 lg:grid-cols-[15rem_minmax(0,1fr)]"
    >
      <div className="flex min-w-0 flex-col gap-1.5">
        <p className="flex items-baseline gap-2">
          <span className="text-xs text-faint tabular">{index + 1}</span>
          <span className="truncate font-semibold">{wave.name}</span>
          <span
            className={cn('text-xs', state === 'open' || state === 'soaking' ? 'font-medium text-busy' : 'text-soft')}
          >
            {words.waveState[state]}
          </span>
        </p>
        <OutcomeBar counts={wave.counts} />
        <p className="text-xs text-soft">{outcomeText(wave.counts) || texts.common.none}</p>
        <p className="text-xs text-faint">
          {wave.openedAtMs !== undefined && (
            <>
              {words.opened} <Instant ms={wave.openedAtMs} />
            </>
          )}
          {state === 'soaking' && (
            <>
              , {words.soaking} <Instant ms={wave.soakingSinceMs} />
            </>
          )}
        </p>
      </div>
      <DeviceCells devices={devices} />
    </li>
  )
}

function stateOf(wave: RolloutWave, index: number, rollout: Rollout): keyof typeof words.waveState {
  if (wave.openedAtMs === undefined) return 'closed'
  if (index < rollout.wave || rollout.status === 'done') return 'passed'
  if (isEnded(rollout)) return 'stopped'
  return wave.soakingSinceMs === undefined ? 'open' : 'soaking'
}
