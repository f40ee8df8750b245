/** `skerry source browse` */
import type { BrowseEntry } from '@skerry/connectors/session'
import { asIs, command, optional, required } from '../command.ts'
import { connectSource } from '../connected-source.ts'
import { fail } from '../failure.ts'
import { readSource } from '../source-file.ts'
import { secretsOption, surroundingsOf } from '../source-surroundings.ts'
import { tableOf } from '../table.ts'

const HEADS = ['LABEL', 'PATH', 'TAG']

export const browseSource = command({
  name: 'source browse',
  summary: 'Look around in equipment that says what it has, from this machine',
  details:
    'Shows what lies under one place; look into a folder by its path. The tag is what to write in the file, without its name. Reads no ' +
    'values and writes nothing. For protocols whose equipment has a tree of its own, such as OPC UA.',
  examples: ['skerry source browse line-1.yaml', 'skerry source browse line-1.yaml "ns=2;s=Line1"'],
  arguments: {
    file: required('<file>', 'YAML of one source', String),
    path: optional('[path]', 'where to look, as it was shown before', asIs),
  },
  options: { secrets: secretsOption },
  async run({ file, path = '', secrets }, session) {
    const { source } = await readSource(file)
    const surroundings = await surroundingsOf(source, secrets, session)
    await using host = await connectSource({ source, ...surroundings }, session)
    const answer = await host.browse(path)
    if (!answer.ok) throw fail(answer.code, answer.message)
    session.print({
      json: { source: source.name, path, entries: answer.entries },
      text: () => tableOf(session.style, HEADS, answer.entries.map(row), 'nothing lies there'),
    })
  },
})

const row = ({ label, path, isFolder, tag }: BrowseEntry): string[] => [
  isFolder ? `${label}/` : label,
  path,
  tag
    ? Object.entries(tag)
        .map(([field, value]) => `${field}: ${JSON.stringify(value)}`)
        .join(', ')
    : '',
]
