/** Flow part: what a part of a flow says, as it was written. */
import type { Flow } from '@skerry/contract/flow'
import { stringify } from 'yaml'
import { Scrollable } from '../../../components/scrollable.tsx'
import { flowGraphTexts as words } from '../../../texts/english-flows.ts'
import type { FlowNode } from './flow-layout.ts'

export function FlowPart({ flow, node }: { flow: Flow; node: FlowNode }) {
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
    </section>
  )
}

/** Of a source whose tags are drawn as one: all of them. */
function saidOf({ inputs, steps, sinks }: Flow, { id, part, name }: FlowNode): string {
  if (part === 'step') return stringify(steps.find((step) => step.name === name))
  if (part === 'sink') return stringify(sinks.find((sink) => sink.name === name))
  const found = inputs.filter((input) => (id.startsWith('source ') ? input.source === name : input.name === name))
  return stringify(found.length === 1 ? found[0] : found)
}
