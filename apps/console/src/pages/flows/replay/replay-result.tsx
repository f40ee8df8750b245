/** Replay result: what a flow answers to a recording: compared where there is a golden file, what was left out, and each sink as a chart and a table. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { CircleCheck, Download, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { cn } from '../../../components/class-names.ts'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { number } from '../../../texts/count.ts'
import { saveText } from '../../playground/save-text.ts'
import { contentText } from './content-text.ts'
import { replayTexts as words } from './english-replay.ts'
import type { ReplayOutcome, SinkReplay } from './replay-message.ts'
import { SinkTold } from './sink-told.tsx'

type ResultProps = { flow: Flow; name: string; outcome: ReplayOutcome }

/** The part of the card. */
export function ReplayResult({ flow, name, outcome }: ResultProps) {
  const { samples, sinks, compared } = outcome
  const [chosen, setChosen] = useState(sinks.find(({ outputs }) => outputs > 0)?.sink)
  const total = sinks.reduce((sum, { outputs }) => sum + outputs, 0)
  const told = sinks.find(({ sink }) => sink === chosen)
  return (
    <section aria-label={words.result(name)} className="flex flex-col border-t border-line">
      <div className="flex flex-col gap-2 p-4 text-sm">
        <h3 className="font-semibold wrap-anywhere">{words.result(name)}</h3>
        <p role="status">{words.summary(samples, total)}</p>
        {total === 0 && <p className="text-soft">{words.noOutputs}</p>}
        {compared && <Compared compared={compared} />}
        <LeftOut outcome={outcome} />
        {total > 0 && (
          <span>
            <Button
              isSmall
              onClick={() => saveText(`${flow.name}-outputs.jsonl`, outcome.outputs, 'application/x-ndjson')}
            >
              <Download size={13} aria-hidden />
              {words.save}
            </Button>
          </span>
        )}
      </div>
      <div className="border-t border-line">
        <SinksTable sinks={sinks} chosen={chosen} onChoose={setChosen} />
      </div>
      {told && <SinkTold key={told.sink} told={told} span={outcome.span} />}
    </section>
  )
}

function Compared({ compared: { differences, shown } }: { compared: NonNullable<ReplayOutcome['compared']> }) {
  if (differences === 0)
    return (
      <p className="flex items-center gap-2 text-good">
        <CircleCheck size={16} aria-hidden />
        {words.same}
      </p>
    )
  return (
    <div>
      <p className="flex items-center gap-2 font-medium text-warn">
        <TriangleAlert size={16} aria-hidden />
        {words.differs(differences)}
      </p>
      <ul className="mt-1 flex flex-col gap-1 pl-6 text-xs text-soft">
        {shown.map(({ sink, place, expected, given }) => (
          <li key={`${sink} ${place}`} className="wrap-anywhere">
            {words.difference(sink, place, outputText(expected), outputText(given))}
          </li>
        ))}
      </ul>
    </div>
  )
}

function outputText(output: FlowOutput | undefined): string {
  if (!output) return words.nothing
  return output.quality === 'bad' ? output.cause.message : contentText(output.value)
}

/** So that nobody takes a part for the whole. */
function LeftOut({ outcome: { strangers, figures } }: { outcome: ReplayOutcome }) {
  const lines = [
    ...(strangers > 0 ? [words.strangers(strangers)] : []),
    ...figures.flatMap(({ part, name, dropped, late }) => {
      const of = `${words.parts[part]} ${name}`
      return [...(dropped > 0 ? [words.dropped(of, dropped)] : []), ...(late > 0 ? [words.late(of, late)] : [])]
    }),
  ]
  if (lines.length === 0) return <p className="text-soft">{words.nothingLeftOut}</p>
  return (
    <div>
      <p className="font-medium">{words.leftOut}</p>
      <ul className="mt-1 list-disc pl-6 text-soft">
        {lines.map((line) => (
          <li key={line} className="wrap-anywhere">
            {line}
          </li>
        ))}
      </ul>
    </div>
  )
}

type SinksProps = { sinks: readonly SinkReplay[]; chosen: string | undefined; onChoose: (sink: string) => void }

function SinksTable({ sinks, chosen, onChoose }: SinksProps) {
  const { sink: name, outputs, uncertain, bad } = words.sinkColumns
  return (
    <PlainTable
      label={words.sinks}
      headers={[name, uncertain, bad, outputs]}
      rows={sinks.map((sink) => ({
        key: sink.sink,
        cells: [
          <button
            key="sink"
            type="button"
            aria-pressed={sink.sink === chosen}
            title={words.show(sink.sink)}
            onClick={() => onChoose(sink.sink)}
            className={cn(
              'rounded font-mono text-xs font-medium wrap-anywhere hover:text-accent hover:underline',
              sink.sink === chosen && 'text-accent',
            )}
          >
            {sink.sink}
          </button>,
          number.format(sink.uncertain),
          <span key="bad" className={sink.bad > 0 ? 'font-medium text-bad' : 'text-soft'}>
            {number.format(sink.bad)}
          </span>,
          number.format(sink.outputs),
        ],
      }))}
    />
  )
}
