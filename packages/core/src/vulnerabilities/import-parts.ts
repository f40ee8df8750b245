/** Import parts: sorts the documents of files into advisories and statements, in parts that fit into a request. */
import { ADVISORIES_AT_ONCE_MAX } from '@skerry/contract/api/fleet/vulnerability-procedures'
import { OpenVex, OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import type * as z from 'zod'

/** A request has room for so much text, and for a few advisories of a kernel. */
const PART_CHARACTERS_MAX = 4 * 1024 * 1024

export type AdvisoryFile = { file: string; document: unknown }

export type ImportPart = { advisories: z.output<typeof OsvAdvisory>[]; statements: z.output<typeof OpenVex>[] }

/** A file may have one document, or a list of them. */
export const documentsOf = (content: unknown): readonly unknown[] => (Array.isArray(content) ? content : [content])

/** Ends with the error that `reject` makes of the first document that is neither OSV nor OpenVEX. */
export async function* importParts(
  files: AsyncIterable<AdvisoryFile> | Iterable<AdvisoryFile>,
  reject: (message: string) => Error,
): AsyncGenerator<ImportPart> {
  const parsed = <Schema extends z.ZodType>(schema: Schema, { file, document }: AdvisoryFile): z.output<Schema> => {
    const result = schema.safeParse(document)
    if (result.success) return result.data
    const [issue] = result.error.issues
    throw reject(`${file} is neither OSV nor OpenVEX: ${issue?.path.join('.')} ${issue?.message}`)
  }
  let part: ImportPart = { advisories: [], statements: [] }
  let characters = 0
  for await (const each of files) {
    if (isStatement(each.document)) part.statements.push(parsed(OpenVex, each))
    else part.advisories.push(parsed(OsvAdvisory, each))
    characters += JSON.stringify(each.document).length
    const count = Math.max(part.advisories.length, part.statements.length)
    if (count < ADVISORIES_AT_ONCE_MAX && characters < PART_CHARACTERS_MAX) continue
    yield part
    part = { advisories: [], statements: [] }
    characters = 0
  }
  if (part.advisories.length + part.statements.length > 0) yield part
}

const isStatement = (document: unknown) => typeof document === 'object' && document !== null && 'statements' in document
