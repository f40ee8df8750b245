/** Difference facts: a verdict on an output, the largest and the mean difference, and a chart along the elements. */
import type { Tolerance } from '@skerry/contract/devices/golden'
import { type DifferencePart, isWithin, type TensorDifference } from '@skerry/core/tensors/tensor-difference'
import { CircleCheck, CircleX } from 'lucide-react'
import { tensorTexts as words } from '../../texts/english-tensors.ts'
import { shortNumber } from '../charts/short-number.ts'
import { cn } from '../class-names.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { indexText } from './index-text.ts'

type FactsProps = {
  name: string
  difference: TensorDifference
  shape: readonly number[]
  tolerance: Tolerance
}

export function DifferenceFacts({ name, difference, shape, tolerance }: FactsProps) {
  return (
    <div className="flex flex-col gap-2">
      <DifferenceVerdict difference={difference} />
      {difference.comparable && difference.differing > 0 && (
        <>
          <dl className="flex flex-wrap gap-x-6 gap-y-1 text-xs text-soft tabular">
            <Fact name={words.largest}>
              {shortNumber(difference.largest)}
              {difference.at !== undefined && ` ${words.at(indexText(difference.at, shape))}`}
            </Fact>
            <Fact name={words.mean}>{shortNumber(difference.mean)}</Fact>
            <Fact name={words.share}>{shareText(difference.outside, difference.count)}</Fact>
          </dl>
          <DifferenceChart name={name} parts={difference.parts} largest={difference.largest} />
          <p className="text-xs text-faint">{words.tolerance(tolerance.absolute, tolerance.relative)}</p>
        </>
      )}
    </div>
  )
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div className="flex gap-1.5">
    <dt>{name}</dt>
    <dd className="text-text">{children}</dd>
  </div>
)

/** An icon and words: colour never stands alone. */
export function DifferenceVerdict({ difference }: { difference: TensorDifference }) {
  const isGood = isWithin(difference)
  const Icon = isGood ? CircleCheck : CircleX
  return (
    <p className={cn('flex items-center gap-1.5 text-sm font-medium', isGood ? 'text-good' : 'text-bad')}>
      <Icon size={15} aria-hidden className="shrink-0" />
      {verdictText(difference)}
    </p>
  )
}

function verdictText(difference: TensorDifference): string {
  if (!difference.comparable) return words.incomparable[difference.reason]
  if (difference.outside > 0) return words.outside(difference.outside, difference.count)
  return difference.differing === 0 ? words.equal : words.within
}

/** `0.2 %`; a share that is not 0 never shows as 0. */
export function shareText(part: number, all: number): string {
  const percent = all === 0 ? 0 : (100 * part) / all
  if (percent > 0 && percent < 0.1) return '< 0.1 %'
  return `${Number(percent.toFixed(1))} %`
}

const HEIGHT = 40

type ChartProps = { name: string; parts: readonly DifferencePart[]; largest: number }

/** A mark for each part, as high as its largest difference. Parts outside of the tolerance are red. */
function DifferenceChart({ name, parts, largest }: ChartProps) {
  if (parts.length < 2) return null
  const heightOf = (part: DifferencePart) =>
    largest === 0 ? HEIGHT : Math.max(part.largest > 0 || part.outside > 0 ? 2 : 0, (HEIGHT * part.largest) / largest)
  return (
    <svg
      role="img"
      aria-label={words.chart(name, shortNumber(largest))}
      viewBox={`0 0 ${parts.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="block h-10 w-full border-b border-line-strong"
    >
      {parts.map((part, index) => (
        <Tooltip key={part.from} text={partText(part)}>
          <g>
            <rect x={index} y={0} width={1} height={HEIGHT} fill="transparent" />
            <rect
              x={index + 0.1}
              y={HEIGHT - heightOf(part)}
              width={0.8}
              height={heightOf(part)}
              className={part.outside > 0 ? 'fill-bad' : 'fill-accent'}
            />
          </g>
        </Tooltip>
      ))}
    </svg>
  )
}

function partText({ from, to, largest, outside }: DifferencePart): string {
  const title = to - from === 1 ? words.element(from) : words.elements(from, to - 1)
  return `${title}\n${words.largest} ${shortNumber(largest)}\n${words.outside(outside, to - from)}`
}
