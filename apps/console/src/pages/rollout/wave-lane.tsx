/** Wave lane: one wave with its gates and its numbers, and each of its devices as a cell. */
import type { OutcomeCounts, Rollout, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { type ShownCounts, type ShownDevice, shownCounts } from '@skerry/core/rollouts/views/outcome-words'
import { isUndone } from '@skerry/core/rollouts/views/undone-rollout'
import { hasMetGates } from '@skerry/core/rollouts/views/wave-gates'
import { ZoomIn, ZoomOut } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../../components/button.tsx'
import { occurring, outcomeText } from '../../components/charts/outcome-bar.tsx'
import { cn } from '../../components/class-names.ts'
import { Instant, useNowMs } from '../../components/facts/instant.tsx'
import { texts } from '../../texts/english.ts'
import { CELL_SIZES, sizeFor } from './cell-layout.ts'
import { CellMark } from './cell-mark.tsx'
import { DeviceMap } from './device-map.tsx'
import { rolloutPageTexts, rolloutTexts as words } from './english-rollout.ts'
import { WaveGates } from './wave-gates.tsx'

type WaveLaneProps = { wave: RolloutWave; index: number; rollout: Rollout; devices: readonly ShownDevice[] }

/** The lane. Its devices may still be loading. */
export function WaveLane({ wave, index, rollout, devices }: WaveLaneProps) {
  const state = stateOf({ wave, index, rollout, nowMs: useNowMs() })
  const counts = shownCounts(rollout, wave.counts)
  return (
    <li
      aria-label={words.lane(wave.name, outcomeText(counts))}
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
        {isUndone(rollout) && counts.healthy > 0 && (
          <p className="text-xs text-warn">{rolloutPageTexts.rolloutPage.undone(counts.healthy)}</p>
        )}
        <WaveGates rollout={rollout} wave={wave} />
      </div>
      <LaneMap name={wave.name} counts={counts} devices={devices} />
    </li>
  )
}

type LaterLaneProps = Pick<WaveLaneProps, 'rollout' | 'devices'> & { counts: OutcomeCounts }

/** The devices that no wave counts. */
export function LaterLane({ rollout, counts, devices }: LaterLaneProps) {
  const { laterTitle: title, laterHint } = rolloutPageTexts.rolloutPage
  const shown = shownCounts(rollout, counts, { isLate: true })
  return (
    <li
      aria-label={`${title}: ${outcomeText(shown)}`}
      className="grid gap-x-8 gap-y-4 p-4 lg:grid-cols-[16rem_minmax(0,1fr)]"
    >
      <div className="flex min-w-0 flex-col gap-2">
        <p className="font-semibold">{title}</p>
        <p className="text-xs text-soft">{laterHint}</p>
      </div>
      <LaneMap name={title} counts={shown} devices={devices} />
    </li>
  )
}

type LaneMapProps = { name: string; counts: ShownCounts; devices: readonly ShownDevice[] }

function LaneMap({ name, counts, devices }: LaneMapProps) {
  const [chosen, setChosen] = useState<number>()
  const size = chosen ?? sizeFor(devices.length)
  return (
    <div className="min-w-0">
      <div className="mb-2 flex min-h-7 flex-wrap items-center justify-between gap-2">
        <Legend counts={counts} />
        <span className="flex">
          <IconButton
            isSmall
            label={rolloutPageTexts.rolloutPage.smaller(name)}
            aria-disabled={size === 0}
            onClick={() => setChosen(Math.max(0, size - 1))}
          >
            <ZoomOut size={14} aria-hidden />
          </IconButton>
          <IconButton
            isSmall
            label={rolloutPageTexts.rolloutPage.larger(name)}
            aria-disabled={size === CELL_SIZES.length - 1}
            onClick={() => setChosen(Math.min(CELL_SIZES.length - 1, size + 1))}
          >
            <ZoomIn size={14} aria-hidden />
          </IconButton>
        </span>
      </div>
      <DeviceMap devices={devices} label={rolloutPageTexts.rolloutPage.mapOf(name)} size={size} />
    </div>
  )
}

/** The meaning of each shape, with the number of its devices. */
function Legend({ counts }: { counts: ShownCounts }) {
  const shown = occurring(counts)
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {shown.length === 0 && <li>{texts.common.none}</li>}
      {shown.map(({ outcome, devices }) => (
        <li key={outcome} className="inline-flex items-center gap-1.5">
          <CellMark outcome={outcome} />
          <span className="tabular">{texts.common.number(devices)}</span> {texts.outcome[outcome].toLowerCase()}
        </li>
      ))}
    </ul>
  )
}

type StateFacts = Omit<WaveLaneProps, 'devices'> & { nowMs: number }

function stateOf({ wave, index, rollout, nowMs }: StateFacts): keyof typeof words.waveState {
  if (wave.openedAtMs === undefined) return isEnded(rollout) ? 'unreached' : 'closed'
  if (index < rollout.wave || rollout.status === 'done') return 'passed'
  if (isEnded(rollout)) return 'stopped'
  if (wave.soakingSinceMs === undefined) return 'open'
  return hasMetGates(rollout, wave, nowMs) ? 'passed' : 'soaking'
}
