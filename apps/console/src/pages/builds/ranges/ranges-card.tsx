/** Ranges card: the source of ranges of an optimisation, and the form that lets devices compute them from captured rows. */
import type { Batch } from '@skerry/contract/batches/batch'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { useMissing } from '../../../hub/permission.ts'
import { timeLocale } from '../../../texts/language.ts'
import { captureQueries } from '../../captures/capture-queries.ts'
import { buildQueries } from '../build-queries.ts'
import { useBatch } from '../use-batch.ts'
import { DataSetField } from './data-set-field.tsx'
import { rangesTexts as words } from './english-ranges.ts'
import { type RangesDraft, readRanges, USUAL_RANGES } from './ranges-draft.ts'
import { type RangesSource, sourceOf } from './ranges-source.ts'

type RangesProps = {
  version: ModelVersionDetail
  source: RangesSource
  onChange: (source: RangesSource) => void
}

/** A choice needs texts; no id of a batch is one of these. */
const DATA_SET = 'data-set'

const optionOf = (source: RangesSource): string => {
  if (source.kind === 'devices') return source.batch
  return source.kind === 'data-set' ? DATA_SET : ''
}

const hints = { golden: words.goldenHint, devices: words.devicesHint, 'data-set': words.dataSetHint }

export function RangesCard({ version, source, onChange }: RangesProps) {
  const { name: model, version: versionNumber } = version
  const { data: batches = [] } = useQuery(buildQueries.calibrations(model, versionNumber))
  const isListed = source.kind !== 'devices' || batches.some(({ id }) => id === source.batch)
  return (
    <Card title={words.title}>
      <p className="mb-3 text-sm text-soft">{words.hint}</p>
      <Field label={words.source} hint={hints[source.kind]}>
        {(control) => (
          <Select
            {...control}
            value={optionOf(source)}
            onChange={({ target: { value } }) => onChange(value === DATA_SET ? { kind: DATA_SET } : sourceOf(value))}
          >
            <option value="">{words.golden}</option>
            <option value={DATA_SET}>{words.dataSet}</option>
            {batches.map((one) => (
              <option key={one.id} value={one.id}>
                {batchText(one)}
              </option>
            ))}
            {!isListed && source.kind === 'devices' && (
              <option value={source.batch}>{words.unknown(source.batch)}</option>
            )}
          </Select>
        )}
      </Field>
      {source.kind === 'data-set' && (
        <DataSetField
          version={version}
          dataSet={source.dataSet}
          onChange={(dataSet) => onChange({ kind: DATA_SET, ...(dataSet && { dataSet }) })}
        />
      )}
      <details className="mt-4">
        <summary className="cursor-pointer rounded text-sm font-medium text-accent">{words.compute}</summary>
        <ComputeForm model={model} version={versionNumber} />
      </details>
    </Card>
  )
}

/** Options of a choice are plain texts. */
const local = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'medium', timeStyle: 'short' })

const batchText = ({ counts, devices, created }: Batch) =>
  words.batch({ succeeded: counts.succeeded, devices, when: local.format(created.atMs) })

function ComputeForm({ model, version }: { model: string; version: number }) {
  const [draft, setDraft] = useState(USUAL_RANGES)
  const captures = useQuery(captureQueries.list())
  // The hub composes the command. The batch has a permission of its own.
  const missing = useMissing('build.write')
  const { request, problems } = readRanges(draft)
  const { submit, isBusy, error } = useBatch()
  const create = (rows: number) =>
    submit({
      compose: () => hub.build.calibrateCommand({ name: model, version: String(version), rows }),
      selector: draft.selector,
    })
  const change = (part: Partial<RangesDraft>) => setDraft((before) => ({ ...before, ...part }))
  return (
    <div className="mt-3 flex flex-col gap-4">
      <p className="text-sm text-soft">{words.computeHint}</p>
      {captures.data?.some((capture) => capture.model === model) === false && <NoCapture />}
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Field label={words.selector} hint={words.selectorHint} error={problems.selector}>
          {(control) => (
            <input
              {...control}
              className={`${INPUT} font-mono text-xs`}
              autoComplete="off"
              value={draft.selector}
              onChange={({ target }) => change({ selector: target.value })}
            />
          )}
        </Field>
        <Field label={words.rows} error={problems.rows}>
          {(control) => (
            <input
              {...control}
              className={INPUT}
              inputMode="numeric"
              autoComplete="off"
              value={draft.rows}
              onChange={({ target }) => change({ rows: target.value })}
            />
          )}
        </Field>
      </div>
      {error !== undefined && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          {error}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <GuardedButton
          permission="batch.create"
          blocked={missing ?? (isBusy ? words.create : Object.values(problems)[0])}
          onClick={() => request && void create(request.rows)}
        >
          {words.create}
        </GuardedButton>
        <p className="text-xs text-soft">{words.createHint}</p>
      </div>
    </div>
  )
}

const NoCapture = () => (
  <p role="status" className="flex flex-wrap gap-x-2 text-sm text-warn">
    {words.noCapture}
    <Link to="/captures" className="rounded font-medium text-accent underline underline-offset-4">
      {words.toCaptures}
    </Link>
  </p>
)
