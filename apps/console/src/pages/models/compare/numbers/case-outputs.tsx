/** Case outputs: the outputs of both versions for one golden case, drawn over or beside each other. */
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { GoldenTensor } from '@skerry/core/device/proof/golden'
import { shapeText } from '@skerry/core/models/model-diff'
import type { CaseDiff, CasePair } from '@skerry/core/models/output-diff'
import { elementsOfBytes } from '@skerry/core/tensors/tensor-elements'
import { useMemo } from 'react'
import { DifferenceFacts } from '../../../../components/tensors/difference-facts.tsx'
import { TensorDrawing } from '../../../../components/tensors/tensor-drawing.tsx'
import { ComparedTable } from '../../../playground/output-tables.tsx'
import { comparedRows } from '../../../playground/output-view.ts'
import { numberWords as words } from './english-numbers.ts'

type CaseProps = {
  compared: CaseDiff
  pair: CasePair
  tolerance: Tolerance
  versions: { from: number; to: number }
}

const verdicts = { equal: words.equalOutput, incomparable: words.incomparable }

export function CaseOutputs({ compared, pair, tolerance, versions }: CaseProps) {
  return (
    <div className="divide-y divide-line">
      {compared.outputs.map(({ name, difference }) => (
        <section key={name} aria-label={`${words.shown(compared.number)}: ${name}`} className="flex flex-col gap-3 p-4">
          <p className="flex flex-wrap items-baseline gap-x-3 text-sm">
            <span className="font-medium">{words.shown(compared.number)}</span>
            <code className="font-mono text-xs font-medium wrap-anywhere">{name}</code>
            <code className="font-mono text-xs text-soft">{formText(pair.to.get(name) ?? pair.from.get(name))}</code>
          </p>
          <DifferenceFacts
            name={name}
            difference={difference}
            shape={pair.from.get(name)?.shape ?? []}
            tolerance={tolerance}
            verdicts={verdicts}
          />
          <Both
            name={name}
            from={pair.from.get(name)}
            to={pair.to.get(name)}
            tolerance={tolerance}
            versions={versions}
          />
        </section>
      ))}
    </div>
  )
}

const formText = (tensor: GoldenTensor | undefined) => tensor && `${tensor.datatype} ${shapeText(tensor.shape)}`

type BothProps = {
  name: string
  from: GoldenTensor | undefined
  to: GoldenTensor | undefined
  tolerance: Tolerance
  versions: { from: number; to: number }
}

function Both({ name, from, to, tolerance, versions }: BothProps) {
  const names = { actual: words.version(versions.to), expected: words.version(versions.from) }
  const forms = useMemo(() => ({ from: formOf(from), to: formOf(to) }), [from, to])
  const rows = useMemo(
    () => (from && to ? comparedRows(namedOf(name, to), namedOf(name, from), tolerance) : undefined),
    [name, from, to, tolerance],
  )
  const only = forms.to ?? forms.from
  return (
    <>
      {only && <TensorDrawing name={name} tensor={only} expected={forms.to && forms.from} names={names} />}
      {rows && (
        <details open={rows.count <= OPEN_MAX}>
          <summary className="mb-2 w-fit cursor-pointer rounded text-xs text-soft hover:text-text">
            {words.table}
          </summary>
          <ComparedTable name={name} rows={rows} names={names} />
        </details>
      )}
    </>
  )
}

/** A longer table is closed at first, so that the drawings of all outputs fit the screen. */
const OPEN_MAX = 8

const formOf = (tensor: GoldenTensor | undefined) =>
  tensor && { datatype: tensor.datatype, shape: [...tensor.shape], bytes: tensor.data }

const namedOf = (name: string, { datatype, shape, data }: GoldenTensor) => ({
  name,
  datatype,
  shape: [...shape],
  data: elementsOfBytes(datatype, data) ?? [],
})
