import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { testBatch, trySink } from '@skerry/connectors/sinks/sink-trial'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { Sink } from '@skerry/contract/sinks/sink'
import { SINK_TEST_WAIT_MAX_MS, type SinkReached, type SinkTrial } from '@skerry/contract/sinks/sink-trial'
import { Name } from '@skerry/contract/values/names'
import { command, fits, flag, required, usually, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { parseDuration } from '../../program/values.ts'
import { secretsOption, surroundingsOf } from '../sources/source-surroundings.ts'
import { writtenSink } from './sink-file.ts'

/** A person waits for this long, unless they say otherwise. */
const WAIT_USUAL = '15s'
export const SINK_WAIT_USUAL_MS = parseWait(WAIT_USUAL)

export const testSink = command({
  name: 'sink test',
  summary: 'Test the destination of a sink, from this machine or from a device, before you set the sink',
  details:
    'Connects with the credentials of the file, and writes nothing: no table, no topic, no value. With --send it also sends one test value, ' +
    'whose signal is skerry-test/NAME. The value is uncertain, with the cause sink_test. With --device the device connects, with its ' +
    'own secrets and through its own network, beside the sinks that it runs; the file may then also be the name of a sink that applies to ' +
    'the device. The audit log records it. In production this needs two people, like setting the sink.',
  examples: [
    'skerry sink test plant-database.yaml --secrets secrets',
    'skerry sink test plant-database.yaml --device gateway-1',
    'skerry sink test plant-database --device gateway-1 --send',
  ],
  arguments: { file: required('<file>', 'YAML of one sink; with --device also the name of a sink', String) },
  options: {
    device: value('--device <device>', 'name or id of the device that tests it', fits(DeviceReference)),
    isSent: flag('--send', 'send one marked test value; without it the test writes nothing'),
    secrets: secretsOption,
    waitMs: usually('--timeout <time>', WAIT_USUAL, 'how long to wait; at most a minute', parseWait),
  },
  async run({ file, device, isSent, secrets, waitMs }, session) {
    const wish = { isSent, waitMs }
    const { name, trial } =
      device === undefined
        ? await testHere(await writtenSink(file), { ...wish, secrets }, session)
        : await testThere(await specFor(file, device, session), { ...wish, device }, session)
    const { reached, cause, valueId } = trial
    session.print({
      json: { sink: name, ...(device !== undefined && { device }), ...trial },
      text: () =>
        factsOf(session.style, [
          ['sink', name],
          ['from', device ?? 'this machine'],
          ['reached', REACHED[reached]],
          ...(valueId === undefined ? [] : [['test value', `skerry-test/${name}, id ${valueId}`] as const]),
          ...(cause ? [['problem', `${cause.code}: ${cause.message}`] as const] : []),
        ]),
    })
    if (cause) throw fail('sink_failed', cause.message)
  },
})

/** How far a test came, in words. */
export const REACHED: Readonly<Record<SinkReached, string>> = {
  nothing: 'no',
  address: 'the address; nothing was written. --send tests the credentials too',
  session: 'the destination, and it accepts the credentials; nothing was written',
  value: 'the destination, and it confirmed a test value',
}

type Wish = { isSent: boolean; waitMs: number }

async function testHere(
  spec: ConnectionSpec,
  { isSent, waitMs, secrets }: Wish & { secrets: string | undefined },
  session: Session,
): Promise<{ name: string; trial: SinkTrial }> {
  const sink = Sink.parse(spec)
  const own = (await surroundingsOf(sink, secrets, session)).secrets ?? {}
  const batch = isSent ? testBatch(sink.name, randomBytes(8).toString('hex'), session.io.nowMs()) : undefined
  const order = { sink, secrets: { ...own }, folder: process.cwd(), batch, waitMs }
  return { name: sink.name, trial: await trySink(order, session.signal) }
}

/** Lets a device test a sink, which need not be set. */
export async function testThere(
  spec: ConnectionSpec,
  { isSent, waitMs, device }: Wish & { device: string },
  session: Session,
): Promise<{ name: string; trial: SinkTrial }> {
  const { client } = await session.hub()
  const asked = { device, sink: spec.name, spec, send: isSent, waitMs }
  const { device: _, sink: name, atMs: __, ...trial } = await client.sink.test(asked, { signal: session.signal })
  return { name, trial }
}

/** A file; or the name of a sink that applies to the device, if there is no such file. */
async function specFor(file: string, device: string, session: Session): Promise<ConnectionSpec> {
  const name = Name.safeParse(file).data
  if (name === undefined || existsSync(file)) return writtenSink(file)
  const { client } = await session.hub()
  const { connections } = await client.sink.ofDevice({ device }, { signal: session.signal })
  const found = connections.find((each) => each.name === name)
  if (!found) throw fail('file_unreadable', `there is no file ${file}, and no sink of this name applies to ${device}`)
  return (await client.sink.get({ connection: found.id }, { signal: session.signal })).spec
}

function parseWait(text: string): number {
  const waitMs = parseDuration(text) * 1_000
  if (waitMs > SINK_TEST_WAIT_MAX_MS) throw new Error('must be at most a minute')
  return waitMs
}
