/** Playground of a model: a form from its signature, a device that serves it, and the answers. */

import { GOLDEN_PATH, type Golden } from '@skerry/contract/devices/golden'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Play, Square } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button, GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Loading } from '../../components/page-state.tsx'
import { modelQueries } from '../models/model-queries.ts'
import { DevicePicker } from './device-picker.tsx'
import { playgroundWords as words } from './english-playground.ts'
import { matchingCase } from './golden-match.ts'
import { type Entry, firstEntry, goldenEntries, readEntry } from './input-entry.ts'
import { InputsCard } from './inputs-card.tsx'
import { ResultCard } from './result-card.tsx'
import { RunsCard } from './runs-card.tsx'
import { CopyCard } from './snippets/copy-card.tsx'
import { useRunKey } from './use-run-key.ts'
import { useRuns } from './use-runs.ts'

/** Reads all entries. The result is undefined if one is missing or wrong, and then its error is returned. */
function readAll(inputs: readonly TensorSpec[], entries: ReadonlyMap<string, Entry>) {
  const readings = inputs.map((spec) => ({
    name: spec.name,
    ...readEntry(spec, entries.get(spec.name) ?? firstEntry(spec)),
  }))
  const tensors: NamedTensor[] = readings.flatMap((reading) => (reading.ok ? [reading.tensor] : []))
  const wrong = readings.find((reading) => !reading.ok)
  return {
    tensors: wrong ? undefined : tensors,
    problem: wrong && !wrong.ok ? words.wrong(wrong.name, wrong.message) : undefined,
  }
}

type Entries = ReadonlyMap<string, Entry>

/** The form holds the first golden case at first, so that one click shows an answer beside the expected one. */
function firstEntries(inputs: readonly TensorSpec[], golden: Golden | undefined): Entries {
  const empty = inputs.map((spec): [string, Entry] => [spec.name, firstEntry(spec)])
  const [first] = golden?.cases ?? []
  return new Map([...empty, ...(first ? goldenEntries(inputs, first, words.inputs.golden(0)) : [])])
}

/** Loads the golden cases first. A version whose cases cannot be loaded has an empty form. */
export function Playground({ version }: { version: ModelVersionDetail }) {
  const digest = version.files.find(({ path }) => path === GOLDEN_PATH)?.digest
  const { data, isLoading } = useQuery({ ...modelQueries.golden(digest ?? ''), enabled: digest !== undefined })
  return isLoading ? (
    <Card>
      <Loading rows={8} />
    </Card>
  ) : (
    <Bench version={version} stored={data} />
  )
}

function Bench({ version, stored }: { version: ModelVersionDetail; stored: Golden | undefined }) {
  const { inputs } = version.summary
  const { device } = useSearch({ from: '/inside/models/$model/versions/$version/playground' })
  const navigate = useNavigate({ from: '/models/$model/versions/$version/playground' })
  const [entries, setEntries] = useState(() => firstEntries(inputs, stored))
  const read = useMemo(() => readAll(inputs, entries), [inputs, entries])
  const goldenCase = useMemo(() => matchingCase(read.tensors, stored?.cases ?? []), [read.tensors, stored])
  const { runs, shown, show, asking, run, stop } = useRuns()
  const { name: model, version: number } = version
  const blocked = device === undefined ? words.noDevice : read.problem
  const start = () => {
    if (device !== undefined && read.tensors && asking === undefined)
      void run({ device, model, version: number, inputs: read.tensors, goldenCase })
  }
  const fields = useRunKey(start)
  return (
    <div
      ref={fields}
      className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.35fr)_minmax(22rem,1fr)] xl:grid-rows-[auto_1fr]"
    >
      <InputsCard
        inputs={inputs}
        entries={entries}
        cases={stored?.cases ?? []}
        goldenCase={goldenCase}
        onChange={setEntries}
      />
      <div className="flex min-w-0 flex-col gap-4 xl:col-start-2 xl:row-span-2 xl:row-start-1">
        <DevicePicker
          model={model}
          version={number}
          device={device}
          onChoose={(next) => void navigate({ search: { device: next }, replace: true })}
        />
        <div className="flex items-center gap-2">
          <GuardedButton permission="model.run" look="primary" blocked={blocked} onClick={start} className="flex-1">
            <Play size={15} aria-hidden />
            {device === undefined ? words.run : words.runOn(device)}
          </GuardedButton>
          {asking !== undefined && (
            <Button onClick={stop}>
              <Square size={13} aria-hidden />
              {words.stop}
            </Button>
          )}
        </div>
        <ResultCard run={shown} asking={asking} golden={stored} />
        {runs.length > 0 && <RunsCard runs={runs} shown={shown?.id} onShow={show} />}
      </div>
      <CopyCard model={model} version={number} device={device} inputs={read.tensors} />
    </div>
  )
}
