/**
 * Output panel: one output of an answer, as a drawing, as a table, or as JSON. After a golden case, the expected output
 * is beside it.
 */

import { bytesOfBase64 } from '@skerry/client/base64'
import { bytesOfTensor, elementsOfTensor } from '@skerry/client/named-tensor'
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { Tensor } from '@skerry/contract/models/tensor'
import { shapeText } from '@skerry/core/models/model-diff'
import { tensorDifference } from '@skerry/core/tensors/tensor-difference'
import { useMemo, useState } from 'react'
import { cn } from '../../components/class-names.ts'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { DifferenceFacts } from '../../components/tensors/difference-facts.tsx'
import { TensorDrawing } from '../../components/tensors/tensor-drawing.tsx'
import { plotOf } from '../../components/tensors/tensor-plot.ts'
import { playgroundWords } from './english-playground.ts'
import { BestTable, ComparedTable, GridTable, JsonText, jsonOf } from './output-tables.tsx'
import { bestOf, comparedRows, gridOf } from './output-view.ts'

const words = playgroundWords.result

const VIEWS = ['drawing', 'table', 'json'] as const
type View = (typeof VIEWS)[number]

type OutputProps = {
  output: NamedTensor
  /** The expected output and its tolerance, if the inputs are those of a golden case. */
  expected: Tensor | undefined
  tolerance: Tolerance | undefined
}

/** A vector of two numbers is quicker to read than to look at. */
const DRAWN_MIN = 3

export function OutputView({ output, expected, tolerance }: OutputProps) {
  const elements = useMemo(() => elementsOfTensor(output), [output])
  const comparison = useComparison(output, expected, tolerance)
  const views = viewsOf(comparison, elements?.length ?? 0)
  const [chosen, setChosen] = useState<View>()
  const view = chosen !== undefined && views.includes(chosen) ? chosen : (views[0] ?? 'json')
  return (
    <section aria-label={output.name} className="flex flex-col gap-3 p-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code className="font-mono text-xs font-medium wrap-anywhere">{output.name}</code>
        <code className="font-mono text-xs text-soft">
          {output.datatype} {shapeText(output.shape)}
        </code>
        <span className="ml-auto flex items-center gap-1">
          {views.length > 1 && <ViewSwitch name={output.name} views={views} view={view} onChoose={setChosen} />}
          {elements && <CopyButton value={jsonOf(elements, output.shape)} what={words.copyOutput(output.name)} />}
        </span>
      </header>
      {comparison.difference && tolerance && (
        <DifferenceFacts
          name={output.name}
          difference={comparison.difference}
          shape={output.shape}
          tolerance={tolerance}
        />
      )}
      {!elements && <p className="text-sm text-bad">{words.raw}</p>}
      {elements && view === 'json' && <JsonText elements={elements} shape={output.shape} />}
      {view !== 'json' && <Numbers output={output} comparison={comparison} view={view} />}
    </section>
  )
}

function viewsOf({ kind, rows, grid }: Comparison, count: number): View[] {
  const isDrawn = kind !== undefined && !['none', 'number'].includes(kind) && count >= DRAWN_MIN
  return VIEWS.filter((each) => each === 'json' || (each === 'table' ? rows || grid : isDrawn))
}

type NumbersProps = { output: NamedTensor; comparison: Comparison; view: View }

function Numbers({ output, comparison: { form, kind, expected, rows, grid }, view }: NumbersProps) {
  const best = useMemo(() => bestOf(output), [output])
  const { name } = output
  return (
    <>
      {form && (view === 'drawing' || kind === 'number') && (
        <TensorDrawing name={name} tensor={form} expected={expected} />
      )}
      {best && <BestTable ranked={best} />}
      {view === 'table' && rows && <ComparedTable name={name} rows={rows} />}
      {view === 'table' && !rows && grid && <GridTable name={name} grid={grid} />}
    </>
  )
}

type Comparison = ReturnType<typeof useComparison>

/** The bytes of the output and of the expected one, and how far they are apart. */
function useComparison(output: NamedTensor, tensor: Tensor | undefined, tolerance: Tolerance | undefined) {
  return useMemo(() => {
    const bytes = bytesOfTensor(output)
    const form = bytes && { datatype: output.datatype, shape: output.shape, bytes }
    const plain = { form, kind: form && plotOf(form).kind, grid: gridOf(output) }
    if (!tensor || !tolerance) return { ...plain, rows: undefined, expected: undefined, difference: undefined }
    const { datatype, shape } = tensor
    const expected = { datatype, shape, bytes: bytesOfBase64(tensor.data) }
    const wanted = { datatype, shape, data: expected.bytes }
    return {
      ...plain,
      expected,
      rows: comparedRows(output, { name: output.name, ...tensor }, tolerance),
      difference: tensorDifference(wanted, form && { ...form, data: form.bytes }, tolerance),
    }
  }, [output, tensor, tolerance])
}

type SwitchProps = { name: string; views: readonly View[]; view: View; onChoose: (view: View) => void }

const ViewSwitch = ({ name, views, view, onChoose }: SwitchProps) => (
  <fieldset className="flex">
    <legend className="sr-only">{words.view(name)}</legend>
    {views.map((each) => (
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
