/** Bin bars: the share of each bin now as a bar, and that of the reference as a line across it. */
import type { BinShares, FeatureVerdict } from '@skerry/contract/monitors/monitor'
import { TONE_FILL } from '../../components/facts/tones.ts'

const WIDTH = 140
const HEIGHT = 32

const FILL: Readonly<Record<FeatureVerdict['state'], string>> = {
  ok: TONE_FILL.good,
  warn: TONE_FILL.warn,
  alert: TONE_FILL.bad,
  waiting: TONE_FILL.idle,
}

type BinBarsProps = { bins: BinShares; state: FeatureVerdict['state']; label: string }

export function BinBars({ bins: { reference, current }, state, label }: BinBarsProps) {
  const most = Math.max(...reference, ...current)
  const width = WIDTH / reference.length
  const heightOf = (share: number | undefined) => ((share ?? 0) / most) * (HEIGHT - 2)
  return (
    <svg role="img" aria-label={label} width={WIDTH} height={HEIGHT} className="block">
      {reference.map((share, at) => {
        const x = at * width
        const key = `bin-${at}`
        return (
          <g key={key}>
            <rect
              x={x + 1}
              width={Math.max(1, width - 2)}
              y={HEIGHT - heightOf(current[at])}
              height={heightOf(current[at])}
              className={FILL[state]}
              fillOpacity={0.55}
            />
            <line
              x1={x}
              x2={x + width}
              y1={HEIGHT - heightOf(share)}
              y2={HEIGHT - heightOf(share)}
              className="stroke-text"
              strokeWidth={1.5}
            />
          </g>
        )
      })}
    </svg>
  )
}
