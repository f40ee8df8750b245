/** Golden card: the golden inputs of a version and the outputs that count as right, one case at a time, large tensors cut. */
import { bytesOfBase64 } from '@skerry/client/base64'
import type { Golden } from '@skerry/contract/devices/golden'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { Tensor } from '@skerry/contract/models/tensor'
import { shapeText } from '@skerry/core/models/model-diff'
import { digestTensor, type TensorDigest } from '@skerry/core/tensors/tensor-digest'
import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight, Scale } from 'lucide-react'
import { useMemo, useState } from 'react'
import { IconButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'
import { modelQueries } from '../model-queries.ts'

const words = modelTexts.golden

/** Two lines of numbers: enough to recognise a case. */
const ELEMENTS_SHOWN = 16
const TEXT_SHOWN = 80

/** The card. */
export function GoldenCard({ version: { files } }: { version: VersionDetail }) {
  const file = files.find(({ path }) => path === GOLDEN_PATH)
  if (!file)
    return (
      <Card title={words.title}>
        <Empty icon={Scale} title={words.none} hint={words.noneHint} />
      </Card>
    )
  return <Stored digest={file.digest} />
}

function Stored({ digest }: { digest: string }) {
  const { data, error, refetch } = useQuery(modelQueries.golden(digest))
  if (data) return <Cases golden={data} />
  return (
    <Card title={words.title}>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={4} />}
    </Card>
  )
}

function Cases({ golden: { tolerance, cases } }: { golden: Golden }) {
  const [index, setIndex] = useState(0)
  const shown = cases[index]
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        <div className="flex items-center gap-1">
          <IconButton
            isSmall
            label={words.previous}
            blocked={index === 0 ? words.caseOf(1, cases.length) : undefined}
            onClick={() => setIndex(index - 1)}
          >
            <ChevronLeft size={15} aria-hidden />
          </IconButton>
          <span role="status" className="text-xs text-soft tabular">
            {words.caseOf(index + 1, cases.length)}
          </span>
          <IconButton
            isSmall
            label={words.next}
            blocked={index + 1 === cases.length ? words.caseOf(cases.length, cases.length) : undefined}
            onClick={() => setIndex(index + 1)}
          >
            <ChevronRight size={15} aria-hidden />
          </IconButton>
        </div>
      }
    >
      <p className="border-b border-line px-4 py-2.5 text-sm text-soft">
        {words.tolerance(tolerance.absolute, tolerance.relative)}
      </p>
      {shown && (
        <div className="divide-y divide-line">
          <Tensors title={words.inputs} tensors={shown.inputs} />
          <Tensors title={words.outputs} tensors={shown.outputs} />
        </div>
      )}
    </Card>
  )
}

function Tensors({ title, tensors }: { title: string; tensors: Readonly<Record<string, Tensor>> }) {
  return (
    <section aria-label={title} className="p-4">
      <h3 className="mb-2 text-xs font-medium text-soft">{title}</h3>
      <ul className="flex flex-col gap-3">
        {Object.entries(tensors).map(([name, tensor]) => (
          <TensorView key={name} name={name} tensor={tensor} />
        ))}
      </ul>
    </section>
  )
}

function TensorView({ name, tensor: { datatype, shape, data } }: { name: string; tensor: Tensor }) {
  const digest = useMemo(() => digestTensor(datatype, bytesOfBase64(data), ELEMENTS_SHOWN), [datatype, data])
  return (
    <li className="min-w-0">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 text-sm">
        <code className="font-mono text-xs font-medium wrap-anywhere">{name}</code>
        <code className="font-mono text-xs text-soft">
          {datatype} {shapeText(shape)}
        </code>
        {digest && <Spread digest={digest} />}
      </p>
      <p className="mt-1 rounded-md bg-raised px-2.5 py-1.5 font-mono text-xs leading-5 wrap-anywhere">
        {digest ? valuesText(digest) : words.unreadable}
      </p>
    </li>
  )
}

function Spread({ digest: { numbers, notFinite } }: { digest: TensorDigest }) {
  return (
    <span className="flex flex-wrap gap-x-3 text-xs text-soft tabular">
      {numbers && (
        <>
          <span>
            {words.columns.min} {numberText(numbers.min)}
          </span>
          <span>
            {words.columns.mean} {numberText(numbers.mean)}
          </span>
          <span>
            {words.columns.max} {numberText(numbers.max)}
          </span>
        </>
      )}
      {notFinite > 0 && <span className="text-bad">{words.notFinite(notFinite)}</span>}
    </span>
  )
}

function valuesText({ first, count }: TensorDigest): string {
  const values = first.map((value) => {
    if (typeof value === 'number') return numberText(value)
    return typeof value === 'string' ? JSON.stringify(value.slice(0, TEXT_SHOWN)) : String(value)
  })
  if (count === 0) return texts.common.none
  return [...values, ...(count > first.length ? [words.more(count - first.length)] : [])].join('  ')
}

/** Six digits are what a float is sure of. */
const numberText = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
