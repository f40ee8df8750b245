/** Figure charts: memory and processor of the containers of an app, since the page was opened. */
import type { Figures } from '@skerry/contract/devices/item'
import { useEffect, useState } from 'react'
import { SeriesChart } from '../../../components/charts/series-chart.tsx'
import type { SeriesPoint } from '../../../components/charts/series-scale.ts'
import { appTexts } from '../../apps/english-apps.ts'
import { NO_HISTORY, withFigures } from './figure-history.ts'

const words = appTexts.containers

/** [agent, app-figures] A device reads the usage of its containers as often. */
const PART_MS = 10_000

/** A chart with one point says less than the number beside it. */
const POINTS_MIN = 2

export function FigureCharts({ figures, reportedAtMs }: { figures: Figures; reportedAtMs: number }) {
  const [history, setHistory] = useState(NO_HISTORY)
  useEffect(() => {
    setHistory((before) => withFigures(before, figures, reportedAtMs))
  }, [figures, reportedAtMs])
  return (
    <>
      <FigureChart name={words.charts.memory} unit="MiB" points={history.memory} />
      <FigureChart name={words.charts.processor} unit="%" points={history.processor} />
    </>
  )
}

function FigureChart({ name, unit, points }: { name: string; unit: string; points: readonly SeriesPoint[] }) {
  const [first, last] = [points[0], points.at(-1)]
  if (points.length < POINTS_MIN || !first || !last) return null
  return (
    <figure className="mt-4">
      <figcaption className="mb-1 text-sm text-soft">{words.charts.caption(name, unit)}</figcaption>
      <SeriesChart
        name={name}
        unit={unit}
        points={points}
        span={{ fromMs: first.atMs, toMs: last.atMs + PART_MS }}
        partMs={PART_MS}
      />
    </figure>
  )
}
