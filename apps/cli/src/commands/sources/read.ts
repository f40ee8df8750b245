/** `skerry source read` */
import { valuesOf } from '@skerry/connectors/reading'
import { type SourceHost, startSource } from '@skerry/connectors/sources/source-host'
import { partOf, tagNamesOf } from '@skerry/connectors/sources/source-part'
import type { SourceState, SourceTask } from '@skerry/connectors/sources/source-state'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { Source } from '@skerry/contract/sources/source'
import { TagName, type TagValue } from '@skerry/contract/sources/tag'
import { systemClock } from '@skerry/platform/process/clock'
import { command, fits, flag, list, required, usually, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'
import { unitsOf, valueRow } from '../tags/tag-view.ts'
import { readSource } from './source-file.ts'
import { sourceNameOf } from './source-reference.ts'
import { secretsOption, surroundingsOf } from './source-surroundings.ts'

const HEADS = ['TAG', 'VALUE', 'UNIT', 'QUALITY', 'WHY']

export const readSourceTags = command({
  name: 'source read',
  summary: 'Read the tags of a source, from this machine or from a device',
  details:
    'Connects to the equipment from this machine, without a hub or an agent, to check addresses, types and byte orders ' +
    'before a device uses them. Writes nothing. With --watch, --json prints a line for each value. With --device, the hub requests ' +
    'the newest values of a source from that device, and the equipment gets no request.',
  examples: [
    'skerry source read press-7.yaml',
    'skerry source read press-7.yaml --tag temperature --watch',
    'skerry source read press-7 --device gateway-1 --tag temperature',
  ],
  arguments: { file: required('<file>', 'YAML file of one source; with --device, the name of a source', String) },
  options: {
    device: value('--device <device>', 'name or id of the device that runs it', fits(DeviceReference)),
    tags: list('--tag <name>', 'only this tag; may be repeated', fits(TagName)),
    secrets: secretsOption,
    isWatched: flag('--watch', 'continue until Ctrl-C'),
    seconds: usually('--timeout <time>', '10s', 'how long to wait for the first values', parseDuration),
  },
  async run({ file, device, tags, secrets, isWatched, seconds }, session) {
    if (device !== undefined) {
      if (isWatched || secrets !== undefined) throw wrongUsage('--watch and --secrets cannot be used with --device')
      return readThere({ device, source: sourceNameOf(file), tags }, session)
    }
    const { source } = await readSource(file)
    const here = { source: onlyThe(source, tags), ...(await surroundingsOf(source, secrets, session)) }
    await (isWatched ? watch(here, session) : readOnce(here, seconds, session))
  },
})

/** The source with these tags alone; whole where none are named. */
function onlyThe(source: Source, names: readonly string[]): Source {
  if (names.length === 0) return source
  const known = new Set(tagNamesOf(source))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) throw wrongUsage(`the source has no tag ${unknown}`)
  return partOf(source, names)
}

/** As the device has them. */
async function readThere(
  { tags, ...where }: { device: string; source: string; tags: string[] },
  session: Session,
): Promise<void> {
  const { client } = await session.hub()
  const wish = { ...where, ...(tags.length > 0 && { tags }) }
  const read = await client.source.read(wish, { signal: session.signal })
  const units = new Map(read.readings.flatMap(({ unit, value: { tag } }) => (unit === undefined ? [] : [[tag, unit]])))
  const rows = read.readings.map(({ value }) => [...valueRow(value, units), timeText(value)])
  session.print({ json: read, text: () => tableOf(session.style, [...HEADS, 'READ'], rows, 'no values yet') })
  if (read.omittedCount > 0) session.note(`${countText(read.omittedCount, 'more tag')} not shown; name them with --tag`)
}

const timeText = ({ receivedTimeMs }: TagValue) => new Date(receivedTimeMs).toISOString()

type Hearing = { onValues: (values: TagValue[]) => void; onState: (state: SourceState) => void }

function start({ source, ...surroundings }: SourceTask, session: Session, { onValues, onState }: Hearing): SourceHost {
  return startSource(source, {
    clock: systemClock,
    random: session.io.random,
    onState,
    ...surroundings,
    onReading(reading) {
      const group = source.groups.find(({ name }) => name === reading.group)
      if (group) onValues(valuesOf(reading, group))
    },
  })
}

async function readOnce(here: SourceTask, seconds: number, session: Session): Promise<void> {
  const { source } = here
  const wanted = new Set(source.groups.flatMap(({ tags }) => tags.map(({ name }) => name)))
  const heard = new Map<string, TagValue>()
  const done = Promise.withResolvers<void>()
  await using _host = start(here, session, {
    onValues(values) {
      for (const value of values) heard.set(value.tag, value)
      if (heard.size === wanted.size) done.resolve()
    },
    onState(state) {
      if (state.kind === 'crashed' || state.kind === 'quarantined')
        done.reject(fail('source_failed', state.cause.message))
    },
  })
  const limited = AbortSignal.any([session.signal, AbortSignal.timeout(seconds * 1_000)])
  limited.addEventListener('abort', () => done.resolve(), { once: true })
  await done.promise
  session.signal.throwIfAborted()
  const values = [...wanted].flatMap((name) => heard.get(name) ?? [])
  printValues(source, values, session)
  if (values.length < wanted.size) {
    throw fail(
      'source_silent',
      `${wanted.size - values.length} of ${wanted.size} tags had no value within ${seconds} s`,
    )
  }
  if (values.every(({ quality }) => quality === 'bad')) throw fail('source_failed', 'no tag could be read')
}

function printValues(source: Source, values: readonly TagValue[], session: Session): void {
  const units = unitsOf(source)
  session.print({
    json: { source: source.name, values },
    text: () =>
      tableOf(
        session.style,
        HEADS,
        values.map((value) => valueRow(value, units)),
        'no values were read',
      ),
  })
}

async function watch(here: SourceTask, session: Session): Promise<void> {
  const units = unitsOf(here.source)
  await using _host = start(here, session, {
    onValues(values) {
      for (const value of values) {
        session.printEvent({ json: value, text: () => watchLine(value, units) })
      }
    },
    onState: (state) => session.note(stateLine(state)),
  })
  await new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve(), { once: true }))
}

function watchLine(value: TagValue, units: ReadonlyMap<string, string>): string {
  const [tag, content, unit, quality, why] = valueRow(value, units)
  const time = new Date(value.receivedTimeMs).toISOString().slice(11, 23)
  return [time, tag, content, unit, quality === 'good' ? '' : quality, why].filter((part) => part !== '').join('  ')
}

function stateLine(state: SourceState): string {
  if (state.kind === 'connecting') return 'connecting …'
  return state.kind === 'up' ? 'connected' : `${state.kind}: ${state.cause.message}`
}
