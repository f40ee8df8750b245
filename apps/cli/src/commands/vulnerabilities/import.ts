import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '@skerry/core/values/parse-json'
import { type AdvisoryFile, documentsOf, importParts } from '@skerry/core/vulnerabilities/import-parts'
import { asIs, command, several } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText, unreadable } from '../../program/input-file.ts'
import { countText } from '../../program/terminal/words.ts'

export const importVulnerabilities = command({
  name: 'vulnerability import',
  summary: 'Import advisories (OSV) and statements about them (OpenVEX), from files or folders of JSON',
  details:
    'The hub needs no internet: bring the files of https://osv.dev for your ecosystems on any medium. An advisory that is there already ' +
    'in the same form changes nothing. The hub compares all parts of all versions with it at once.',
  examples: [
    'skerry vulnerability import npm-advisories/ debian-12/',
    'skerry vulnerability import CVE-2026-1000.json our.openvex.json',
  ],
  arguments: {
    paths: several('<file...>', 'JSON files with a document or a list of them, or folders of such files', asIs),
  },
  options: {},
  async run({ paths }, session) {
    const { client } = await session.hub()
    const total = { advisories: 0, statements: 0, unchanged: 0 }
    for await (const part of importParts(filesAt(paths), (message) => fail('file_invalid', message))) {
      const done = await client.vulnerability.import(part, { signal: session.signal })
      total.advisories += done.advisories
      total.statements += done.statements
      total.unchanged += done.unchanged
    }
    const { advisories, statements, unchanged } = total
    session.print({
      json: total,
      text: () =>
        `Imported ${countText(advisories, 'advisory').replace('advisorys', 'advisories')} and ${countText(statements, 'statement')}; ${unchanged} were there already`,
    })
  },
})

/** The documents of the files and folders, one file at a time. */
export async function* filesAt(paths: readonly string[]): AsyncGenerator<AdvisoryFile> {
  for (const path of paths) {
    for (const file of await filesOf(path)) {
      const content = parseJson(await readText(file))
      if (content === undefined) throw fail('file_invalid', `${file} is no JSON`)
      for (const document of documentsOf(content)) yield { file, document }
    }
  }
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (!found.isDirectory()) return [path]
  const names = await readdir(path)
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
}
