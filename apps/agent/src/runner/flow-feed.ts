/** Flow feed: gives a flow what sources tell of its inputs, one reading at a time. */
import { type GroupReading, valueAt } from '@skerry/connectors/reading'
import type { Flow } from '@skerry/contract/flow'
import type { FlowSample } from '@skerry/contract/flow-recording'
import type { Group } from '@skerry/contract/source'
import type { FlowHost } from '@skerry/flows/flow-host'
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
    const places = placesIn(wanted)
    stack.use(
      board.subscribe(source, (reading, group) => {
        const samples = samplesOf(reading, places(group)).map((value): FlowSample => ({ source, ...value }))
        if (samples.length === 0) return
        host.fill((builder) => {
          for (const sample of samples) builder.add(sample, reading.images?.get(sample.tag))
        })
      }),
    )
  }
  return stack
}

type Place = { place: number; tag: string }

/** A flow wants a few tags of groups that may have thousands: which ones is found out once. */
function placesIn(wanted: ReadonlySet<string>): (group: Group) => readonly Place[] {
  const known = new WeakMap<Group, Place[]>()
  return (group) => {
    const found = known.get(group)
    if (found) return found
    const places = group.tags.flatMap(({ name }, place) => (wanted.has(name) ? [{ place, tag: name }] : []))
    known.set(group, places)
    return places
  }
}

function samplesOf(reading: GroupReading, places: readonly Place[]) {
  const { news } = reading
  const told = news ? places.filter(({ place }) => news.includes(place)) : places
  return told.map(({ place, tag }) => valueAt(reading, place, tag))
}
