/**
 * Source reference: the ways to name a source. A source at the hub has a name and a scope. The file of a source is read
 * as it was written.
 */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { ConnectionScope, type ConnectionSpec } from '@skerry/contract/connections/connection'
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import { Name } from '@skerry/contract/values/names'
import { fits, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { readSource } from './source-file.ts'

/** The scope of a connection. `--site NAME` and `--device NAME` are short for the scopes of these. */
export const SCOPE_OPTIONS = {
  scope: value(
    '--scope <scope>',
    'its scope: organisation, site:NAME or device:NAME; the organisation by default',
    fits(ConnectionScope),
  ),
  site: value('--site <site>', 'short for --scope site:NAME', fits(Name)),
  device: value('--device <device>', 'short for --scope device:NAME', fits(Name)),
}

export type ScopeValues = {
  scope: ConnectionScope | undefined
  site: Name | undefined
  device?: Name | undefined
}

/** Undefined if none of the options is given. */
export function scopeGiven({ scope, site, device }: ScopeValues): ConnectionScope | undefined {
  const given = [scope, site && (`site:${site}` as const), device && (`device:${device}` as const)].filter(
    (one) => one !== undefined,
  )
  if (given.length > 1) throw wrongUsage('--scope, --site and --device exclude each other')
  return given[0] === undefined ? undefined : ConnectionScope.parse(given[0])
}

/** The scope of the organisation if none of the options is given. */
export const scopeOf = (values: ScopeValues): ConnectionScope => scopeGiven(values) ?? 'organisation'

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
