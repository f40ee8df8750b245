/** Flow cards: what a version that is a flow reads, does and tells, and what a device must have for it. */
import type { Flow } from '@skerry/contract/flows/flow'
import { signalsOf } from '@skerry/contract/flows/flow-step'
import { flowNeeds } from '@skerry/core/flow/flow-needs'
import { Card, Facts } from '../../../components/card.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { flowVersionTexts as words } from '../../flows/english-flow-version.ts'

type Part = { part: keyof typeof words.part; name: string; what: string; from: string }

/** From the top, as it is written. */
export function FlowPartsCard({ flow }: { flow: Flow }) {
  const { part, name, what, from } = words.columns
  return (
    <Card title={words.parts} isFlush>
      <PlainTable
        label={words.parts}
        headers={[part, name, what, from]}
        rows={partsOf(flow).map((row) => ({
          key: `${row.part} ${row.name}`,
          cells: [
            <span key="part" className="text-soft">
              {words.part[row.part]}
            </span>,
            <code key="name" className="font-mono text-xs font-medium wrap-anywhere">
              {row.name}
            </code>,
            <span key="what" className="wrap-anywhere">
              {row.what}
            </span>,
            <code key="from" className="font-mono text-xs wrap-anywhere">
              {row.from}
            </code>,
          ],
        }))}
      />
    </Card>
  )
}

/** Until these are there, the flow waits on the device. */
export function FlowNeedsCard({ flow, goldenCases }: { flow: Flow; goldenCases: number }) {
  const { models, sources, sinks } = flowNeeds(flow)
  return (
    <Card title={words.needs}>
      <Facts
        rows={[
          [words.models, listed(models)],
          [words.sources, listed(sources)],
          [words.sinks, listed(sinks)],
          [words.golden, goldenCases === 0 ? words.goldenNone : goldenCases],
        ]}
      />
    </Card>
  )
}

const listed = (names: readonly string[]) => (names.length === 0 ? words.none : names.join(', '))

const partsOf = ({ inputs, steps, sinks }: Flow): Part[] => [
  ...inputs.map(({ name, type, source, tag }): Part => ({ part: 'input', name, what: type, from: `${source}/${tag}` })),
  ...steps.map((step): Part => ({ part: 'step', name: step.name, what: step.kind, from: signalsOf(step).join(', ') })),
  ...sinks.map((sink): Part => ({ part: 'sink', name: sink.name, what: placeOf(sink), from: sink.from })),
]

function placeOf(sink: Flow['sinks'][number]): string {
  if (sink.kind === 'tag') return words.tag(sink.source, sink.tag)
  return sink.kind === 'sink' ? words.place(sink.sink) : words.hub
}
