/** Part sights: the figures of each part of a flow, together with what was seen of it. */
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowPartLook } from '@skerry/contract/flows/flow-look'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { seenOf, seenOutput } from '@skerry/core/flow/seen-value'
import type { Instant } from '@skerry/core/flow/signal'
import type { Engine } from '../engine.ts'
import type { Level } from '../level.ts'
import type { Sightings } from './sightings.ts'

export type PartSight = FlowPartFigures & Pick<FlowPartLook, 'last' | 'recent'>

type Home = Pick<Level, 'home' | 'signals'>

/** What the level's own signals say in this instant; those of other levels are seen there. */
export function seeInstant(sightings: Sightings, { home, signals }: Home, instant: Instant): void {
  for (const place of home) {
    const signal = signals[place]
    if (signal?.instant === instant.id) sightings.see(place, seenOf(signal))
  }
}

/** Somebody looks. What was said before anybody did is seen as it stands. */
export function sightsOf(engine: Engine, sightings: Sightings, told: ReadonlyMap<string, FlowOutput>): PartSight[] {
  const { inputs, steps, sinks } = engine.flow
  const wasOpen = sightings.isOpen
  sightings.open()
  if (!wasOpen) {
    for (const level of engine.carry().levels) seeStanding(sightings, level)
    for (const [at, { name }] of sinks.entries()) {
      const output = told.get(name)
      const place = inputs.length + steps.length + at
      if (output && !sightings.hasSeen(place, output.timeMs)) sightings.see(place, seenOutput(output))
    }
  }
  const names = [...inputs.map(({ name }) => `input ${name}`), ...steps.map(({ name }) => `step ${name}`)]
  const placeOf = new Map([...names, ...sinks.map(({ name }) => `sink ${name}`)].map((name, place) => [name, place]))
  return engine.figures().map((figures) => {
    const place = placeOf.get(`${figures.part} ${figures.name}`) ?? -1
    return { ...figures, ...sightings.recent(place) }
  })
}

function seeStanding(sightings: Sightings, { home, signals }: Home): void {
  for (const place of home) {
    const signal = signals[place]
    if (!signal || signal.instant < 0) continue
    const seen = seenOf(signal)
    if (!sightings.hasSeen(place, seen.timeMs)) sightings.see(place, seen)
  }
}
