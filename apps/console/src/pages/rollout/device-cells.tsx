/** Device cells: thousands of devices as small squares. One path for each outcome, so that ten thousand cost no more than a few; the table below lists them in words. */
import type { Outcome, RolloutDevice } from '@skerry/contract/rollout'
import { useNavigate } from '@tanstack/react-router'
import { type MouseEvent, useMemo, useState } from 'react'
import { cn } from '../../components/class-names.ts'
import { OUTCOME_ORDER } from '../../components/outcome-bar.tsx'
import { OUTCOME_TONE, TONE_FILL } from '../../components/tones.ts'
import { useWidth } from '../../components/use-width.ts'
import { texts } from '../../texts/english.ts'

/** Smaller cells for more devices: a lane of 10,000 stays under a screen. */
const SIZES = [
  { devicesMax: 400, cell: 20, gap: 4 },
  { devicesMax: 3_000, cell: 11, gap: 2 },
  { devicesMax: Number.POSITIVE_INFINITY, cell: 6, gap: 1 },
] as const

type Layout = { cell: number; step: number; columns: number; rows: number }

/** The cells, in the order of the devices' names. */
export function DeviceCells({ devices }: { devices: readonly RolloutDevice[] }) {
  const [box, width] = useWidth()
  const layout = useMemo(() => layoutOf(devices.length, width), [devices.length, width])
  const paths = useMemo(() => pathsOf(devices, layout), [devices, layout])
  const [pointed, setPointed] = useState<RolloutDevice>()
  const navigate = useNavigate()
  const at = (event: MouseEvent<SVGSVGElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const column = Math.floor((event.clientX - left) / layout.step)
    const row = Math.floor((event.clientY - top) / layout.step)
    return column < layout.columns ? devices[row * layout.columns + column] : undefined
  }
  return (
    <div ref={box} className="min-w-0">
      <svg
        aria-hidden
        width={width}
        height={Math.max(1, layout.rows * layout.step)}
        className={cn('block', pointed && 'cursor-pointer')}
        onMouseMove={(event) => setPointed(at(event))}
        onMouseLeave={() => setPointed(undefined)}
        onClick={(event) => {
          const device = at(event)
          if (device) void navigate({ to: '/devices/$device', params: { device: device.device } })
        }}
      >
        {OUTCOME_ORDER.map((outcome) => {
          const d = paths.get(outcome)
          return d && <path key={outcome} d={d} className={fillOf(outcome)} />
        })}
      </svg>
      <p className="mt-1.5 h-4 truncate text-xs text-soft">
        {pointed && texts.rollout.cell(pointed.device, cellText(pointed))}
      </p>
    </div>
  )
}

const cellText = ({ outcome, state, cause }: RolloutDevice): string =>
  [texts.outcome[outcome], state && texts.itemState[state], cause?.message].filter(Boolean).join(', ')

const fillOf = (outcome: Outcome) =>
  outcome === 'waiting' || outcome === 'skipped' ? 'fill-line-strong' : TONE_FILL[OUTCOME_TONE[outcome]]

function layoutOf(count: number, width: number): Layout {
  const { cell, gap } = SIZES.find(({ devicesMax }) => count <= devicesMax) ?? SIZES[2]
  const step = cell + gap
  const columns = Math.max(1, Math.floor(width / step))
  return { cell, step, columns, rows: Math.ceil(count / columns) }
}

function pathsOf(devices: readonly RolloutDevice[], { cell, step, columns }: Layout): Map<Outcome, string> {
  const paths = new Map<Outcome, string>()
  for (const [index, { outcome }] of devices.entries()) {
    const [x, y] = [(index % columns) * step, Math.floor(index / columns) * step]
    paths.set(outcome, `${paths.get(outcome) ?? ''}M${x} ${y}h${cell}v${cell}h-${cell}z`)
  }
  return paths
}
