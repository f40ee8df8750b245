/** Flow part: the definition of a part of a flow, as it was written. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartLook } from '@skerry/contract/flows/flow-look'
import { stringify } from 'yaml'
import { Scrollable } from '../../../components/scrollable.tsx'
import { timeLocale } from '../../../texts/language.ts'
import { flowGraphTexts as words } from '../../flows/english-flows.ts'
import { flowLiveTexts } from '../../flows/live/english-flow-live.ts'
import { lineOf, seenText } from '../../flows/live/flow-figures.ts'
import type { FlowNode } from './flow-layout.ts'

type PartProps = { flow: Flow; node: FlowNode; look: FlowPartLook | undefined }

export function FlowPart({ flow, node, look }: PartProps) {
  const said = saidOf(flow, node)
  return (
    <section aria-label={words.said(node.name)} className="border-t border-line bg-raised px-4 py-3">
      <h3 className="text-xs font-semibold">{words.node(words.parts[node.part], node.name)}</h3>
      <Scrollable
        as="pre"
        aria-label={words.said(node.name)}
        className="mt-1.5 max-h-72 overflow-auto font-mono text-xs"
      >
        {said}
      </Scrollable>
      {look && look.recent.length > 0 && <Recent name={node.name} look={look} />}
    </section>
  )
}

/** For a source whose tags are drawn as one, it returns all of them. */
function saidOf({ inputs, steps, sinks }: Flow, { id, part, name }: FlowNode): string {
  if (part === 'step') return stringify(steps.find((step) => step.name === name))
  if (part === 'sink') return stringify(sinks.find((sink) => sink.name === name))
  const found = inputs.filter((input) => (id.startsWith('source ') ? input.source === name : input.name === name))
  return stringify(found.length === 1 ? found[0] : found)
}

const BOX = { width: 320, height: 40 } as const
/** A short list. The command line prints all of them. */
const RECENT_SHOWN = 6

/** The newest values, newest first, with a line if they are numbers. */
function Recent({ name, look: { recent, last, unit } }: { name: string; look: FlowPartLook }) {
  const numbered = recent.map((seen, index) => ({ seen, number: last - recent.length + 1 + index }))
  const line = lineOf(recent, BOX)
  return (
    <section aria-label={flowLiveTexts.recent(name)} className="mt-3 flex flex-wrap items-start gap-x-6 gap-y-2">
      {line !== '' && (
        <svg width={BOX.width} height={BOX.height} viewBox={`-2 -2 ${BOX.width + 4} ${BOX.height + 4}`} aria-hidden>
          <polyline points={line} fill="none" strokeWidth={1.5} className="stroke-accent" />
        </svg>
      )}
      <ol className="flex flex-col gap-0.5 font-mono text-2xs">
        {numbered
          .slice(-RECENT_SHOWN)
          .toReversed()
          .map(({ seen, number }) => (
            <li key={number} className="wrap-anywhere">
              <span className="text-soft">{clock.format(seen.timeMs)}</span> {seenText(seen, unit)}
            </li>
          ))}
      </ol>
    </section>
  )
}

const clock = new Intl.DateTimeFormat(timeLocale, { timeStyle: 'medium' })
