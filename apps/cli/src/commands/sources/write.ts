import { interlockTags } from '@skerry/connectors/sources/write-guard'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { TagWritten } from '@skerry/contract/devices/device-command'
import { TagName } from '@skerry/contract/sources/tag'
import { type Name, Reason } from '@skerry/contract/values/names'
import { command, fits, flag, required, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { contentText } from '../tags/tag-view.ts'
import { connectSource } from './connected-source.ts'
import { readSource } from './source-file.ts'
import { sourceNameOf } from './source-reference.ts'
import { secretsOption, surroundingsOf } from './source-surroundings.ts'

export const writeTag = command({
  name: 'source write',
  summary: 'Write one tag of a source, from this machine or through a device',
  details:
    'Equipment acts on a write. The command asks first, and writes only tags that have "write" in the file, within its bounds. It reads the tag ' +
    'again afterwards, unless the tag says otherwise. An array is written whole, or not at all. A write from this machine does not involve the hub, so its audit log has no record of it. With --device, ' +
    'the hub lets that device write, once; the audit log has the new and the earlier value, the person and the reason.',
  examples: [
    'skerry source write press-7.yaml setpoint 21.5',
    'skerry source write press-7.yaml lamp true --yes',
    'skerry source write oven-recipe.yaml zones "[20, 180, 200, 210, 210, 205, 120, 60]"',
    'skerry source write line-1.yaml start \'[1500, "recipe 7"]\'',
    'skerry source write press-7 setpoint 21.5 --device gateway-1 --reason "cooler for batch 12" --yes',
  ],
  arguments: {
    file: required('<file>', 'YAML file of one source; with --device, the name of a source', String),
    tag: required('<tag>', 'name of the tag', fits(TagName)),
    content: required(
      '<value>',
      'number, true, false or text; for an array a list of all its elements, for a method of its arguments',
      parseContent,
    ),
  },
  options: {
    device: value('--device <device>', 'name or id of the device that writes', fits(DeviceReference)),
    reason: value('--reason <text>', 'with --device, where it is needed: why, for the audit log', fits(Reason)),
    secrets: secretsOption,
    isAgreed: flag('-y, --yes', 'do not ask'),
  },
  async run({ file, tag, content, device, reason, secrets, isAgreed }, session) {
    if (device !== undefined) {
      if (reason === undefined) throw wrongUsage('--reason is missing')
      if (secrets !== undefined)
        throw wrongUsage('--secrets cannot be used with --device: the device has its own secrets')
      const order = { device, source: sourceNameOf(file), tag, value: content, reason }
      return writeThere(order, isAgreed, session)
    }
    if (reason !== undefined) throw wrongUsage('--reason needs --device: a write from this machine has no audit record')
    const { source } = await readSource(file)
    const surroundings = await surroundingsOf(source, secrets, session)
    await session.confirm(`write ${contentText(content)} to ${tag} of ${source.name}`, isAgreed)
    await using host = await connectSource(
      { source, awaited: await interlockTags(source, tag), ...surroundings },
      session,
    )
    const outcome = await host.write(tag, content)
    if (!outcome.ok) throw fail(outcome.code, outcome.message)
    session.print({
      json: { source: source.name, tag, value: content },
      text: () => `${tag} is ${contentText(content)}`,
    })
  },
})

type Order = { device: string; source: Name; tag: TagName; value: TagWritten; reason: string }

async function writeThere(order: Order, isAgreed: boolean, session: Session): Promise<void> {
  const { device, source, tag, value: content } = order
  await session.confirm(`write ${contentText(content)} to ${tag} of ${source} on ${device}`, isAgreed)
  const { client } = await session.hub()
  const written = await client.source.write(order, { signal: session.signal })
  const { before } = written
  const was = before === undefined || before.quality === 'bad' ? '' : `, and was ${contentText(before.value)}`
  session.print({ json: written, text: () => `${tag} is ${contentText(content)}${was}` })
}

/** Parses a single value as YAML would. */
function parseContent(text: string): TagWritten {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text.startsWith('[')) return listOf(text) ?? TagWritten.parse(text)
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return TagWritten.parse(Number.isNaN(number) ? text : number)
}

/** Undefined if it is text that only begins like a list. */
function listOf(text: string): TagWritten | undefined {
  try {
    return TagWritten.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
