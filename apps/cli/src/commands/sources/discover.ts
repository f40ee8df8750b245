/** `skerry source discover` */

import { DISCOVERABLE, type Discoverable, type Found } from '@skerry/connectors/discovery'
import { SourceTrouble } from '@skerry/connectors/session'
import { discover } from '@skerry/connectors/sources/discover'
import { Host } from '@skerry/contract/values/host'
import { numbersIn } from '@skerry/core/equipment/discovery'
import { systemClock } from '@skerry/platform/process/clock'
import { stringify } from 'yaml'
import * as z from 'zod'
import { command, fits, fitsNumber, list, required, usually, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { protocolText } from './connection-view.ts'

/** More are a network, and one that is searched: that is not for this. */
const HOSTS_MAX = 32

/** [Modbus Messaging on TCP/IP 4.1; packages/contract/src/sources/protocols/source-s7.ts] What can be tried at a host. */
const RANGES: Partial<Record<Discoverable, { min: number; max: number }>> = {
  modbus: { min: 0, max: 255 },
  s7: { min: 0, max: 31 },
}

const Timeout = z.int().min(50).max(60_000)
const Port = z.int().min(1).max(65_535)

type Failed = { host: string; message: string }

export const discoverSources = command({
  name: 'source discover',
  summary: 'Find equipment at given hosts, from this machine',
  details:
    'For an engineer with the permission to do so. It contacts only the given hosts, sends one request at a time with a pause, and writes nothing. With ' +
    'Modbus TCP it reads one register of each unit id; with S7 it connects to each slot; with OPC UA it lists the endpoints; with EtherNet/IP ' +
    'it reads the identity, and with SNMP the description, with the community public. Each finding is shown with the start of a source file. A ' +
    'fingerprint is not proven: compare it with the fingerprint that the server itself shows before you trust it.',
  examples: [
    'skerry source discover modbus --host 10.0.0.5',
    'skerry source discover modbus --host 10.0.0.5 --numbers 1-32',
    'skerry source discover snmp --host 10.0.0.2 --host 10.0.0.3 --json',
  ],
  arguments: { protocol: required('<protocol>', `one of ${DISCOVERABLE.join(', ')}`, fits(z.enum(DISCOVERABLE))) },
  options: {
    host: list('--host <host>', 'name or address of equipment', fits(Host)),
    port: value('--port <port>', 'port, if it is not the usual one of the protocol', fitsNumber(Port)),
    numbers: value('--numbers <range>', 'unit ids of Modbus (usually 1-10), or slots of S7 (usually 0-4)', String),
    timeout: usually('--timeout <ms>', '1000', 'how long to wait for each answer', fitsNumber(Timeout)),
  },
  async run({ protocol, host: hosts, port, numbers, timeout: timeoutMs }, session) {
    if (hosts.length === 0) throw wrongUsage('--host is missing: the command contacts only given hosts')
    if (hosts.length > HOSTS_MAX) throw wrongUsage(`at most ${HOSTS_MAX} hosts at a time`)
    const wish = { port, numbers: rangeOf(protocol, numbers), timeoutMs }
    const found: Found[] = []
    const failed: Failed[] = []
    for (const host of hosts) {
      try {
        found.push(...(await discover(protocol, { ...wish, host }, depsOf(host, session), session.signal)))
      } catch (cause) {
        if (!(cause instanceof SourceTrouble)) throw cause
        failed.push({ host, message: cause.message })
      }
    }
    const [first] = failed
    if (first && found.length === 0) throw fail('source_failed', first.message)
    session.print({ json: { protocol, found, failed }, text: () => textOf(protocol, found, failed, session) })
  },
})

function rangeOf(protocol: Discoverable, text: string | undefined): number[] | undefined {
  const range = RANGES[protocol]
  if (text === undefined) return undefined
  if (!range) throw wrongUsage(`${protocol} has no numbers to try`)
  const numbers = numbersIn(text, range)
  if (!numbers) throw wrongUsage(`--numbers must look like 1-10, from ${range.min} to ${range.max}`)
  return numbers
}

const depsOf = (host: string, { io }: Session) => ({
  clock: systemClock,
  onAsk(asked: number, of: number) {
    if (io.stderr.isTTY && of > 1) io.stderr.write(`\r${host}: ${asked + 1} of ${of}${asked + 1 === of ? '\n' : ''}`)
  },
})

const HEADS = ['WHAT', 'WHERE', 'CERTAINTY']

function textOf(
  protocol: Discoverable,
  found: readonly Found[],
  failed: readonly Failed[],
  { style }: Session,
): string {
  const rows = found.map(({ what, where, certainty }) => [what, where, certainty])
  const sources = found.map(({ where, connection }) => `# ${where}\n${stringify({ protocol, connection }).trimEnd()}`)
  const missed = failed.map(({ host, message }) => `${host}: ${message}`)
  return [
    style.dim(protocolText(protocol)),
    tableOf(style, HEADS, rows, 'nobody answered'),
    ...missed,
    ...sources,
  ].join('\n\n')
}
