/** Compare page: the changes from one version of a model to another, for callers, for the runtime, and in bytes. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ArrowRightLeft, GitCompareArrows } from 'lucide-react'
import { Suspense } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card, Page } from '../../../components/card.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { queries } from '../../../hub/queries.ts'
import { kindRow, refusalOf } from '../../../kinds/kinds.ts'
import type { VersionWord } from '../../../search.ts'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'
import { modelQueries } from '../model-queries.ts'
import { comparedPair } from './compared-pair.ts'

const words = modelTexts.compare

/** Renders the page at /models/NAME/compare?a=1&b=2. Without versions in the address it compares the newest two. */
export function ComparePage() {
  const { model } = useParams({ from: '/inside/models/$model/compare' })
  const chosen = useSearch({ from: '/inside/models/$model/compare' })
  const { data } = useQuery(modelQueries.versions(model))
  const { a, b } = comparedPair(chosen, data?.map(({ version }) => version) ?? [])
  return (
    <Page title={words.title(model)} back={{ to: '/models', text: texts.model.back }}>
      <Choice model={model} a={a} b={b} />
      {a !== undefined && b !== undefined ? (
        <Comparison model={model} a={String(a)} b={String(b)} />
      ) : (
        <Card>{data ? <Empty icon={GitCompareArrows} title={words.choose} /> : <Loading rows={4} />}</Card>
      )}
    </Page>
  )
}

type Pair = { model: string; a: VersionWord | undefined; b: VersionWord | undefined }

/** The two versions, with the ways to choose others. */
function Choice({ model, a, b }: Pair) {
  const navigate = useNavigate({ from: '/models/$model/compare' })
  const choose = (change: { a?: VersionWord; b?: VersionWord }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <div className="flex flex-wrap items-end gap-3">
      <VersionSelect label={words.from} model={model} value={a} onChange={(version) => choose({ a: version })} />
      <Button onClick={() => choose({ ...(b && { a: b }), ...(a && { b: a }) })}>
        <ArrowRightLeft size={15} aria-hidden />
        {words.swap}
      </Button>
      <VersionSelect label={words.to} model={model} value={b} onChange={(version) => choose({ b: version })} />
    </div>
  )
}

type SelectProps = {
  label: string
  model: string
  value: VersionWord | undefined
  onChange: (version: VersionWord) => void
}

function VersionSelect({ label, model, value, onChange }: SelectProps) {
  const { data } = useQuery(modelQueries.versions(model))
  const numbers: VersionWord[] = data?.map(({ version }) => version) ?? []
  // The address may also name an alias.
  const known = value === undefined || numbers.includes(value) ? numbers : [value, ...numbers]
  return (
    <div className="w-44">
      <Field label={label}>
        {(control) => (
          <Select {...control} value={value ?? ''} onChange={(event) => onChange(wordOf(event.target.value))}>
            {value === undefined && <option value="" />}
            {known.map((number) => (
              <option key={number} value={number}>
                {typeof number === 'number' ? texts.models.version(number) : number}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  )
}

const wordOf = (text: string): VersionWord => (/^\d+$/.test(text) ? Number(text) : text)

function Comparison({ model, a, b }: { model: string; a: string; b: string }) {
  const from = useQuery(queries.version(model, a))
  const to = useQuery(queries.version(model, b))
  const failed = [from, to].find(({ error }) => error)
  if (failed)
    return (
      <Card>
        <Failure error={failed.error} onRetry={() => void failed.refetch()} />
      </Card>
    )
  if (!from.data || !to.data)
    return (
      <Card>
        <Loading rows={6} />
      </Card>
    )
  const { Compare } = kindRow(to.data.kind)
  return Compare ? (
    <Suspense
      fallback={
        <Card>
          <Loading rows={6} />
        </Card>
      }
    >
      <Compare from={from.data} to={to.data} />
    </Suspense>
  ) : (
    <Card>
      <Empty icon={GitCompareArrows} title={refusalOf(to.data.kind)} />
    </Card>
  )
}
