/** Flow feed: gives a flow what sources tell of its inputs, one reading at a time. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import type { FlowHost } from '@skerry/flows/host/flow-host'
import { tagsIn } from '../equipment/told-tags.ts'
import type { FlowBoard } from './flow-board.ts'

/** Until disposed. */
export function feedFlow(
  { inputs }: Pick<Flow, 'inputs'>,
  host: Pick<FlowHost, 'fill'>,
  board: Pick<FlowBoard, 'subscribe'>,
): Disposable {
  const stack = new DisposableStack()
  const sources = new Set(inputs.map(({ source }) => source))
  for (const source of sources) {
    const wanted = new Set(inputs.filter((input) => input.source === source).map(({ tag }) => tag))
    const told = tagsIn(wanted)
    stack.use(
      board.subscribe(source, (reading, group) => {
        const samples = told(reading, group).map((value): FlowSample => ({ source, ...value }))
        if (samples.length === 0) return
        host.fill((builder) => {
          for (const sample of samples) builder.add(sample, reading.images?.get(sample.tag))
        })
      }),
    )
  }
  return stack
}
