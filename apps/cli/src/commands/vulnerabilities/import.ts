import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '@skerry/client/connection'
import { ADVISORIES_AT_ONCE_MAX } from '@skerry/contract/api/fleet/vulnerability-procedures'
import { OpenVex, OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import type * as z from 'zod'
import { asIs, command, several } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText, unreadable } from '../../program/input-file.ts'
import { countText } from '../../program/terminal/words.ts'

/** A request has room for so much text, and for a few advisories of a kernel. */
const PART_CHARACTERS_MAX = 4 * 1024 * 1024

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
    for await (const part of partsOf(paths)) {
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

type Part = { advisories: z.input<typeof OsvAdvisory>[]; statements: z.input<typeof OpenVex>[] }

async function* partsOf(paths: readonly string[]): AsyncGenerator<Part> {
  let part: Part = { advisories: [], statements: [] }
  let characters = 0
  for await (const { file, document } of documentsOf(paths)) {
    const isVex = typeof document === 'object' && document !== null && 'statements' in document
    if (isVex) part.statements.push(parsed(OpenVex, document, file))
    else part.advisories.push(parsed(OsvAdvisory, document, file))
    characters += JSON.stringify(document).length
    const count = Math.max(part.advisories.length, part.statements.length)
    if (count < ADVISORIES_AT_ONCE_MAX && characters < PART_CHARACTERS_MAX) continue
    yield part
    part = { advisories: [], statements: [] }
    characters = 0
  }
  if (part.advisories.length + part.statements.length > 0) yield part
}

async function* documentsOf(paths: readonly string[]): AsyncGenerator<{ file: string; document: unknown }> {
  for (const path of paths) {
    for (const file of await filesOf(path)) {
      const content = parseJson(await readText(file))
      if (content === undefined) throw fail('file_invalid', `${file} is no JSON`)
      for (const document of Array.isArray(content) ? content : [content]) yield { file, document }
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

function parsed<Schema extends z.ZodType>(schema: Schema, document: unknown, file: string): z.output<Schema> {
  const result = schema.safeParse(document)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw fail('file_invalid', `${file} is neither OSV nor OpenVEX: ${issue?.path.join('.')} ${issue?.message}`)
}
