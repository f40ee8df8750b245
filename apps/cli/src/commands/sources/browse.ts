/** `skerry source browse` */

import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { asIs, command, fits, optional, required, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { connectSource } from './connected-source.ts'
import { readSource } from './source-file.ts'
import { sourceNameOf } from './source-reference.ts'
import { secretsOption, surroundingsOf } from './source-surroundings.ts'

const HEADS = ['LABEL', 'PATH', 'TAG']

export const browseSource = command({
  name: 'source browse',
  summary: 'Browse equipment that can list its points, from this machine or through a device',
  details:
    'Lists the entries of one place; give the path of a folder to list that folder. The TAG column has the text for the file of the source, without the name. ' +
    'Writes nothing. Works with equipment that can list its points, such as OPC UA, with databases, files and answers in JSON. With --device, the hub lets that ' +
    'device browse, over the connection of a source that it runs.',
  examples: [
    'skerry source browse line-1.yaml',
    'skerry source browse line-1.yaml "ns=2;s=Line1"',
    'skerry source browse line-1 "ns=2;s=Line1" --device gateway-1',
  ],
  arguments: {
    file: required('<file>', 'YAML file of one source; with --device, the name of a source', String),
    path: optional('[path]', 'place to list, as shown before', asIs),
  },
  options: {
    device: value('--device <device>', 'name or id of the device that runs it', fits(DeviceReference)),
    secrets: secretsOption,
  },
  async run({ file, path = '', device, secrets }, session) {
    if (device !== undefined) {
      if (secrets !== undefined)
        throw wrongUsage('--secrets cannot be used with --device: the device has its own secrets')
      return browseThere({ device, source: sourceNameOf(file), path }, session)
    }
    const { source } = await readSource(file)
    const surroundings = await surroundingsOf(source, secrets, session)
    await using host = await connectSource({ source, ...surroundings }, session)
    const answer = await host.browse(path)
    if (!answer.ok) throw fail(answer.code, answer.message)
    session.print({
      json: { source: source.name, path, entries: answer.entries },
      text: () => tableText(answer.entries, session),
    })
  },
})

/** The whole level, as the device has it. */
async function browseThere(where: { device: string; source: string; path: string }, session: Session): Promise<void> {
  const { client } = await session.hub()
  const entries: BrowseEntry[] = []
  for (let after: string | undefined; ; ) {
    const level = await client.source.browse(
      { ...where, ...(after !== undefined && { after }) },
      { signal: session.signal },
    )
    entries.push(...level.entries)
    if (level.next === undefined) break
    after = level.next
  }
  session.print({ json: { ...where, entries }, text: () => tableText(entries, session) })
}

const tableText = (entries: readonly BrowseEntry[], { style }: Session) =>
  tableOf(style, HEADS, entries.map(row), 'there are no entries')

const row = ({ label, path, isFolder, tag }: BrowseEntry): string[] => [
  isFolder ? `${label}/` : label,
  path,
  tag
    ? Object.entries(tag)
        .map(([field, value]) => `${field}: ${JSON.stringify(value)}`)
        .join(', ')
    : '',
]
