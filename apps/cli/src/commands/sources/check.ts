/** `skerry source check` */

import { command, required } from '../../program/command.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { protocolText } from './connection-view.ts'
import { readSource } from './source-file.ts'

export const checkSource = command({
  name: 'source check',
  summary: 'Check the file of a source, and show the requests that it would send',
  details: 'Connects to nothing. The tags of a group are read with as few requests as possible.',
  examples: ['skerry source check press-7.yaml'],
  arguments: { file: required('<file>', 'YAML of one source', String) },
  options: {},
  async run({ file }, session) {
    const { source, plan } = await readSource(file)
    const rows = source.groups.map(({ name, everyMs, tags }) => ({
      name,
      everyMs,
      tags: tags.length,
      writable: tags.filter(({ write }) => write !== undefined).length,
      requests: plan.groups.find(({ group }) => group === name)?.requests ?? 0,
    }))
    session.print({
      json: { name: source.name, protocol: source.protocol, groups: rows },
      text: () =>
        [
          factsOf(session.style, [
            ['source', source.name],
            ['protocol', protocolText(source.protocol)],
          ]),
          '',
          tableOf(
            session.style,
            ['GROUP', 'EVERY', 'TAGS', 'WRITABLE', 'REQUESTS'],
            rows.map(({ name, everyMs, tags, writable, requests }) => [
              name,
              `${everyMs} ms`,
              tags,
              writable,
              requests,
            ]),
            '',
          ),
        ].join('\n'),
    })
  },
})
