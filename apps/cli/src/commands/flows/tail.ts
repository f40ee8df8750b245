import type { SkerryClient } from '@skerry/client/client'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { FlowLook } from '@skerry/contract/flows/flow-look'
import { SignalName } from '@skerry/contract/flows/flow-step'
import { Name } from '@skerry/contract/values/names'
import { type NewlySeen, type NewValue, newlySeen } from '@skerry/core/flow/newly-seen'
import { command, fits, list, needed, required } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { lastingStream } from '../../program/terminal/lasting-stream.ts'
import { countText } from '../../program/terminal/words.ts'
import { seenText } from './look-view.ts'

export const tailFlow = command({
  name: 'flow tail',
  summary: 'Show the values of a flow on a device as they arrive, until Ctrl-C',
  details:
    'Shows every input, step and sink, or only the named ones. Values come once a second, each once. If there are more than fit ' +
    'at once, the command shows how many were left out. It continues after a loss of the hub or the device. With --json, it prints a line for each value.',
  examples: [
    'skerry flow tail pump --device gateway-7',
    'skerry flow tail pump --device gateway-7 --signal score --json',
  ],
  arguments: { flow: required('<flow>', 'name of the flow', fits(Name)) },
  options: {
    device: needed('--device <device>', 'name or id of the device that runs it', fits(DeviceReference)),
    signals: list('--signal <name>', 'only this input, step or sink', fits(SignalName)),
  },
  output: 'stream',
  async run({ flow, device, signals }, session) {
    const { client } = await session.hub()
    try {
      await tail({ client, device, flow, signals }, session)
    } catch (error) {
      // A person ends the command with Ctrl-C.
      if (!session.signal.aborted) throw error
    }
  },
})

type Tailed = { client: SkerryClient; device: string; flow: string; signals: readonly string[] }

/** A device that reconnects after its hub, and a changed flow, are available again in a moment. */
const PASSING: ReadonlySet<string> = new Set(['device_unreachable', 'flow_unknown'])

async function tail({ client, device, flow, signals }: Tailed, session: Session): Promise<void> {
  const events = lastingStream(
    {
      open: (signal) => client.flow.watch({ device, flow }, { signal }),
      isLast: () => false,
      passes: ({ code }) => PASSING.has(code),
    },
    session,
  )
  let before: FlowLook | undefined
  for await (const event of events) {
    if (event.kind === 'away') {
      session.note(event.message)
      continue
    }
    if (!before) refuseUnknown(event, signals)
    show(newlySeen(before, event), signals, session)
    before = event
  }
}

function refuseUnknown({ name, parts }: FlowLook, signals: readonly string[]): void {
  const unknown = signals.find((signal) => !parts.some((part) => part.name === signal))
  if (unknown !== undefined) throw wrongUsage(`the flow ${name} has no input, step or sink ${unknown}`)
}

function show({ values, omitted }: NewlySeen, signals: readonly string[], session: Session): void {
  const isWanted = ({ name }: { name: string }) => signals.length === 0 || signals.includes(name)
  for (const each of values.filter(isWanted)) {
    const { seen, ...head } = each
    session.printEvent({ json: { ...head, ...seen }, text: () => lineOf(each) })
  }
  for (const each of omitted.filter(isWanted)) {
    session.printEvent({
      json: { part: each.part, name: each.name, omitted: each.count },
      text: () => `… ${countText(each.count, 'value')} of ${nameOf(each)} came too quickly to be shown`,
    })
  }
}

const lineOf = (each: NewValue) =>
  [new Date(each.seen.timeMs).toISOString(), nameOf(each), seenText(each.seen, each.unit)].join('  ')

/** The arrow distinguishes the output of a sink from a step of the same name. */
const nameOf = ({ part, name }: Pick<NewValue, 'part' | 'name'>) => (part === 'sink' ? `→ ${name}` : name)
