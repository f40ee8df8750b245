/** Output tables: the numbers of an output: its best five, its grid, its elements beside the expected ones, or JSON. */
import { stringifyExact } from '@skerry/client/inference'
import { nestElements } from '@skerry/core/tensors/nested-tensor'
import type { Element } from '@skerry/core/tensors/tensor-elements'
import { cn } from '../../components/class-names.ts'
import { Scrollable } from '../../components/scrollable.tsx'
import { tensorTexts } from '../../texts/english-tensors.ts'
import { playgroundWords } from './english-playground.ts'
import { type ComparedRows, elementText, type Grid, type Ranked } from './output-view.ts'

const words = playgroundWords.result

/** A page lays out this many without a pause. The button copies all. */
const ELEMENTS_SHOWN = 1_000

/** JSON has no NaN and no infinity, so they are written as words. */
export function jsonOf(elements: readonly Element[], shape: readonly number[]): string {
  const plain = elements.map((one) => (typeof one === 'number' && !Number.isFinite(one) ? String(one) : one))
  return stringifyExact(nestElements(plain, shape)) ?? ''
}

/** Bars start at the smallest of the five, or at 0 if all are above it. */
export function BestTable({ ranked }: { ranked: readonly Ranked[] }) {
  const scores = ranked.map(({ score }) => score)
  const least = Math.min(0, ...scores)
  const reach = Math.max(...scores) - least || 1
  return (
    <table aria-label={words.best} className="w-full text-sm">
      <thead className="sr-only">
        <tr>
          <th scope="col">{words.index}</th>
          <th scope="col">{words.score}</th>
        </tr>
      </thead>
      <tbody>
        {ranked.map(({ index, score }, place) => (
          <tr key={index} className={place === 0 ? 'font-semibold' : 'text-soft'}>
            <td className="w-12 py-0.5 pr-3 text-right font-mono text-xs tabular">{index}</td>
            <td className="py-0.5">
              <span className="flex items-center gap-3">
                <span className="h-2 flex-1 rounded-full bg-raised" aria-hidden>
                  <span
                    className={cn('block h-full rounded-full', place === 0 ? 'bg-accent' : 'bg-idle')}
                    style={{ width: `${(100 * (score - least)) / reach}%` }}
                  />
                </span>
                <span className="w-20 text-right font-mono text-xs tabular">{elementText(score)}</span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export const GridTable = ({ name, grid: { rows } }: { name: string; grid: Grid }) => (
  <Scrollable
    as="section"
    aria-label={words.tableOf(name)}
    className="max-h-72 overflow-auto rounded-md border border-line"
  >
    <table aria-label={words.tableOf(name)} className="w-full font-mono text-xs">
      <tbody className="divide-y divide-line">
        {Array.from(rows.entries(), ([at, row]) => (
          <tr key={at}>
            <th scope="row" className="bg-raised px-2.5 py-1 text-right font-normal text-soft tabular">
              {at}
            </th>
            {Array.from(row.entries(), ([column, element]) => (
              <td key={column} className="px-2.5 py-1 text-right tabular">
                {elementText(element)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </Scrollable>
)

/** The elements of an output and the expected ones, in the order of the tensor. */
export const ComparedTable = ({ name, rows: { rows, count } }: { name: string; rows: ComparedRows }) => (
  <>
    <Scrollable
      as="section"
      aria-label={words.tableOf(name)}
      className="max-h-72 overflow-auto rounded-md border border-line"
    >
      <table aria-label={words.tableOf(name)} className="w-full font-mono text-xs">
        <thead>
          <tr className="border-b border-line text-soft">
            {[tensorTexts.index, tensorTexts.actual, tensorTexts.expected, tensorTexts.difference].map((header) => (
              <th key={header} scope="col" className="px-2.5 py-1 text-right font-sans font-medium">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map(({ index, actual, expected, difference, isOutside }) => (
            <tr key={index}>
              <th scope="row" className="bg-raised px-2.5 py-1 text-right font-normal text-soft tabular">
                {index}
              </th>
              <td className="px-2.5 py-1 text-right tabular">{actual}</td>
              <td className="px-2.5 py-1 text-right text-soft tabular">{expected}</td>
              <td className={cn('px-2.5 py-1 text-right tabular', isOutside && 'font-semibold text-bad')}>
                {difference}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
    {rows.length < count && <p className="text-xs text-soft">{words.cut(rows.length, count)}</p>}
  </>
)

export function JsonText({ elements, shape }: { elements: readonly Element[]; shape: readonly number[] }) {
  const isCut = elements.length > ELEMENTS_SHOWN
  const first = elements.slice(0, ELEMENTS_SHOWN)
  const text = isCut ? `[${first.map(elementText).join(', ')}, …]` : jsonOf(elements, shape).replaceAll(',', ', ')
  return (
    <>
      <Scrollable
        as="pre"
        className="max-h-72 overflow-auto rounded-md bg-raised p-2.5 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap"
      >
        {text}
      </Scrollable>
      {isCut && <p className="text-xs text-soft">{words.cut(ELEMENTS_SHOWN, elements.length)}</p>}
    </>
  )
}
