/** Output panel: one output of an answer: its best five, as a table, or as JSON. */

import { stringifyExact } from '@skerry/client/inference'
import { elementsOfTensor } from '@skerry/client/named-tensor'
import type { NamedTensor } from '@skerry/contract/models/infer'
import { shapeText } from '@skerry/core/models/model-diff'
import { nestElements } from '@skerry/core/tensors/nested-tensor'
import type { Element } from '@skerry/core/tensors/tensor-elements'
import { useMemo, useState } from 'react'
import { cn } from '../../components/class-names.ts'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { Scrollable } from '../../components/scrollable.tsx'
import { playgroundWords } from './english-playground.ts'
import { bestOf, elementText, type Grid, gridOf, type Ranked } from './output-view.ts'

const words = playgroundWords.result

/** What a page lays out without a pause; the button copies all. */
const ELEMENTS_SHOWN = 1_000

/** The panel. */
export function OutputView({ output }: { output: NamedTensor }) {
  const best = useMemo(() => bestOf(output), [output])
  const grid = useMemo(() => gridOf(output), [output])
  const elements = useMemo(() => elementsOfTensor(output), [output])
  const [view, setView] = useState<'table' | 'json'>(grid ? 'table' : 'json')
  const shownAs = grid ? view : 'json'
  return (
    <section aria-label={output.name} className="flex flex-col gap-3 p-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code className="font-mono text-xs font-medium wrap-anywhere">{output.name}</code>
        <code className="font-mono text-xs text-soft">
          {output.datatype} {shapeText(output.shape)}
        </code>
        <span className="ml-auto flex items-center gap-1">
          {grid && <ViewSwitch name={output.name} view={view} onChoose={setView} />}
          {elements && <CopyButton value={jsonOf(elements, output.shape)} what={words.copyOutput(output.name)} />}
        </span>
      </header>
      {!elements && <p className="text-sm text-bad">{words.raw}</p>}
      {best && <Best ranked={best} />}
      {grid && shownAs === 'table' && <Table name={output.name} grid={grid} />}
      {elements && shownAs === 'json' && <Json elements={elements} shape={output.shape} />}
    </section>
  )
}

/** JSON has no NaN and no infinity: they are written as words. */
function jsonOf(elements: readonly Element[], shape: readonly number[]): string {
  const plain = elements.map((one) => (typeof one === 'number' && !Number.isFinite(one) ? String(one) : one))
  return stringifyExact(nestElements(plain, shape)) ?? ''
}

type SwitchProps = { name: string; view: 'table' | 'json'; onChoose: (view: 'table' | 'json') => void }

const ViewSwitch = ({ name, view, onChoose }: SwitchProps) => (
  <fieldset className="flex">
    <legend className="sr-only">{words.view(name)}</legend>
    {(['table', 'json'] as const).map((each) => (
      <button
        key={each}
        type="button"
        aria-pressed={each === view}
        onClick={() => onChoose(each)}
        className={cn(
          'h-6 rounded px-2 text-xs',
          each === view ? 'bg-raised font-medium text-text' : 'text-soft hover:text-text',
        )}
      >
        {words[each]}
      </button>
    ))}
  </fieldset>
)

/** Bars from the smallest of the five, or 0 where all are above it. */
function Best({ ranked }: { ranked: readonly Ranked[] }) {
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

const Table = ({ name, grid: { rows } }: { name: string; grid: Grid }) => (
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

function Json({ elements, shape }: { elements: readonly Element[]; shape: readonly number[] }) {
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
