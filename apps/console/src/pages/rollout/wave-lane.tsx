/** Wave lane: one wave with its gates and its numbers, and each of its devices as a cell. */
import type { OutcomeCounts, Rollout, RolloutDevice, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { ZoomIn, ZoomOut } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../../components/button.tsx'
import { OUTCOME_ORDER, outcomeText } from '../../components/charts/outcome-bar.tsx'
import { cn } from '../../components/class-names.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { texts } from '../../texts/english.ts'
import { CELL_SIZES, sizeFor } from './cell-layout.ts'
import { CellMark } from './cell-mark.tsx'
import { DeviceMap } from './device-map.tsx'
import { rolloutPageTexts } from './english-rollout.ts'
import { WaveGates } from './wave-gates.tsx'

const words = texts.rollout

type WaveLaneProps = { wave: RolloutWave; index: number; rollout: Rollout; devices: readonly RolloutDevice[] }

/** The lane; its devices may still be on their way. */
export function WaveLane({ wave, index, rollout, devices }: WaveLaneProps) {
  const state = stateOf(wave, index, rollout)
  return (
    <li
      aria-label={words.lane(wave.name, outcomeText(wave.counts))}
      className="grid gap-x-8 gap-y-4 p-4 lg:grid-cols-[16rem_minmax(0,1fr)]"
    >
      <div className="flex min-w-0 flex-col gap-2">
        <p className="flex items-baseline gap-2">
          <span className="text-xs text-faint tabular">{index + 1}</span>
          <span className="truncate font-semibold">{wave.name}</span>
          <span
            className={cn('text-xs', state === 'open' || state === 'soaking' ? 'font-medium text-busy' : 'text-soft')}
          >
            {words.waveState[state]}
          </span>
        </p>
        {wave.openedAtMs !== undefined && (
          <p className="text-xs text-faint">
            {words.opened} <Instant ms={wave.openedAtMs} />
          </p>
        )}
        <WaveGates rollout={rollout} wave={wave} />
      </div>
      <LaneMap wave={wave} devices={devices} />
    </li>
  )
}

function LaneMap({ wave, devices }: Pick<WaveLaneProps, 'wave' | 'devices'>) {
  const [chosen, setChosen] = useState<number>()
  const size = chosen ?? sizeFor(devices.length)
  return (
    <div className="min-w-0">
      <div className="mb-2 flex min-h-7 flex-wrap items-center justify-between gap-2">
        <Legend counts={wave.counts} />
        <span className="flex">
          <IconButton
            isSmall
            label={rolloutPageTexts.rolloutPage.smaller(wave.name)}
            aria-disabled={size === 0}
            onClick={() => setChosen(Math.max(0, size - 1))}
          >
            <ZoomOut size={14} aria-hidden />
          </IconButton>
          <IconButton
            isSmall
            label={rolloutPageTexts.rolloutPage.larger(wave.name)}
            aria-disabled={size === CELL_SIZES.length - 1}
            onClick={() => setChosen(Math.min(CELL_SIZES.length - 1, size + 1))}
          >
            <ZoomIn size={14} aria-hidden />
          </IconButton>
        </span>
      </div>
      <DeviceMap devices={devices} label={rolloutPageTexts.rolloutPage.mapOf(wave.name)} size={size} />
    </div>
  )
}

/** What each shape means, with how many there are. */
function Legend({ counts }: { counts: OutcomeCounts }) {
  const shown = OUTCOME_ORDER.filter((outcome) => counts[outcome] > 0)
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {shown.length === 0 && <li>{texts.common.none}</li>}
      {shown.map((outcome) => (
        <li key={outcome} className="inline-flex items-center gap-1.5">
          <CellMark outcome={outcome} />
          <span className="tabular">{texts.common.number(counts[outcome])}</span> {texts.outcome[outcome].toLowerCase()}
        </li>
      ))}
    </ul>
  )
}

function stateOf(wave: RolloutWave, index: number, rollout: Rollout): keyof typeof words.waveState {
  if (wave.openedAtMs === undefined) return 'closed'
  if (index < rollout.wave || rollout.status === 'done') return 'passed'
  if (isEnded(rollout)) return 'stopped'
  return wave.soakingSinceMs === undefined ? 'open' : 'soaking'
}
