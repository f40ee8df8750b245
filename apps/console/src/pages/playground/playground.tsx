/** Playground of a model: a form that its signature makes, a device that serves it, and the answers. */

import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Play, Square } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button, GuardedButton } from '../../components/button.tsx'
import { modelQueries } from '../models/model-queries.ts'
import { CopyCard } from './copy-card.tsx'
import { DevicePicker } from './device-picker.tsx'
import { playgroundWords as words } from './english-playground.ts'
import { type Entry, firstEntry, readEntry } from './input-entry.ts'
import { InputsCard } from './inputs-card.tsx'
import { ResultCard } from './result-card.tsx'
import { RunsCard } from './runs-card.tsx'
import { useRunKey } from './use-run-key.ts'
import { useRuns } from './use-runs.ts'

/** What has been entered, read; undefined where something is missing, and what that is. */
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

export function Playground({ version }: { version: ModelVersionDetail }) {
  const { inputs } = version.summary
  const { device } = useSearch({ from: '/inside/models/$model/versions/$version/playground' })
  const navigate = useNavigate({ from: '/models/$model/versions/$version/playground' })
  const golden = version.files.find(({ path }) => path === GOLDEN_PATH)?.digest
  const { data: stored } = useQuery({ ...modelQueries.golden(golden ?? ''), enabled: golden !== undefined })
  const [entries, setEntries] = useState<ReadonlyMap<string, Entry>>(
    () => new Map(inputs.map((spec) => [spec.name, firstEntry(spec)])),
  )
  const read = useMemo(() => readAll(inputs, entries), [inputs, entries])
  const { runs, shown, show, asking, run, stop } = useRuns()
  const { model, version: number } = version
  const blocked = device === undefined ? words.noDevice : read.problem
  const start = () => {
    if (device !== undefined && read.tensors && asking === undefined)
      void run({ device, model, version: number, inputs: read.tensors })
  }
  const fields = useRunKey(start)
  return (
    <div ref={fields} className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.35fr)_minmax(22rem,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <InputsCard inputs={inputs} entries={entries} cases={stored?.cases ?? []} onChange={setEntries} />
        <CopyCard model={model} version={number} device={device} inputs={read.tensors} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
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
        <ResultCard run={shown} asking={asking} />
        {runs.length > 0 && <RunsCard runs={runs} shown={shown?.id} onShow={show} />}
      </div>
    </div>
  )
}
