/**
 * Source reference: the ways to name a source. A source at the hub has a name and a scope. The file of a source is read
 * as it was written.
 */
import { ConnectionScope, type ConnectionSpec } from '@skerry/contract/connections/connection'
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import { Name } from '@skerry/contract/values/names'
import { fits, usually } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { readYaml } from '../../program/yaml-documents.ts'
import { readSource } from './source-file.ts'

export const SCOPE = usually(
  '--scope <scope>',
  'organisation',
  'its scope: organisation, site:NAME or device:NAME',
  fits(ConnectionScope),
)

/** The name of a source on a device, for an argument that could also be a file. */
export function sourceNameOf(word: string): Name {
  const { data } = Name.safeParse(word)
  if (data === undefined) throw wrongUsage(`with --device, give the name of the source; "${word}" is none`)
  return data
}

/** The content of the file, without defaults. It is checked as for this machine. */
export async function writtenSource(file: string): Promise<ConnectionSpec> {
  await readSource(file)
  const { values } = readYaml(await readText(file), { file, schema: SourceSpec, choice: { field: '', of: [] } })
  const [first] = values
  if (!first) throw fail('file_invalid', `${file}: the file has no source`)
  return first.value
}
