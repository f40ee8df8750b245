/**
 * Tensor drawing: a tensor as its shape suggests, with the expected values if there are any. For screen readers, it is
 * a picture with one sentence. The page has a table with the same numbers.
 */
import { type ReactNode, useMemo } from 'react'
import { tensorTexts as words } from '../../texts/english-tensors.ts'
import { shortNumber } from '../charts/short-number.ts'
import { HeatMap } from './heat-map.tsx'
import { PixelPicture } from './pixel-picture.tsx'
import { type PlotForm, plotOf, type TensorPlot } from './tensor-plot.ts'
import { VectorChart } from './vector-chart.tsx'

type DrawingProps = { name: string; tensor: PlotForm; expected?: PlotForm | undefined }

export function TensorDrawing({ name, tensor, expected }: DrawingProps) {
  const plot = useMemo(() => plotOf(tensor), [tensor])
  const other = useMemo(() => expected && plotOf(expected), [expected])
  if (plot.kind === 'none') return <p className="text-sm text-soft">{words.noDrawing}</p>
  if (plot.kind === 'number') return <NumberText value={plot.value} />
  if (plot.kind === 'bars' || plot.kind === 'line')
    return <VectorChart label={saidOf(name, plot, tensor.shape)} plot={plot} expected={other} />
  return (
    <div className="flex flex-wrap gap-4">
      <Titled title={other && words.actual}>
        <Surface label={saidOf(name, plot, tensor.shape)} plot={plot} />
      </Titled>
      {other && (other.kind === 'heat' || other.kind === 'picture') && (
        <Titled title={words.expected}>
          <Surface label={saidOf(`${name}, ${words.expected}`, other, tensor.shape)} plot={other} />
        </Titled>
      )}
    </div>
  )
}

const NumberText = ({ value }: { value: number }) => (
  <p className="text-2xl font-semibold tabular">{shortNumber(value)}</p>
)

type Surfaced = Extract<TensorPlot, { kind: 'heat' | 'picture' }>

const Surface = ({ label, plot }: { label: string; plot: Surfaced }) =>
  plot.kind === 'heat' ? <HeatMap label={label} plot={plot} /> : <PixelPicture label={label} plot={plot} />

const Titled = ({ title, children }: { title: string | undefined; children: ReactNode }) => (
  <figure className="min-w-0 flex-1 basis-40">
    {title !== undefined && <figcaption className="mb-1 text-xs text-soft">{title}</figcaption>}
    {children}
  </figure>
)

/** The sentence that a screen reader reads instead of the picture. */
function saidOf(name: string, { bounds }: { bounds: { low: number; high: number } }, shape: readonly number[]): string {
  const count = shape.reduce((product, size) => product * size, 1)
  return words.said(name, count, shortNumber(bounds.low), shortNumber(bounds.high))
}
