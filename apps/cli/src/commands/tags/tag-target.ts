/** Tag target: the source whose tags are exported or changed: a source at the hub, or a file that a person wrote. */
import { realpath, stat } from 'node:fs/promises'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import type { ConnectionScope, ConnectionSpec } from '@skerry/contract/connections/connection'
import { ConnectionSpec as Written } from '@skerry/contract/connections/connection'
import { connectionTag } from '@skerry/contract/values/entity-tag'
import { Name } from '@skerry/contract/values/names'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { parseDocument } from 'yaml'
import { fits, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Printed, Session } from '../../program/session.ts'
import { connectionNamed, planText, setLine } from '../sources/connection-setting.ts'
import { SCOPE_OPTIONS, type ScopeValues, scopeOf } from '../sources/source-reference.ts'

export const TARGET = {
  source: value('--source <name>', 'name of a source at the hub', fits(Name)),
  file: value('--file <file>', 'YAML file of one source, instead', String),
  ...SCOPE_OPTIONS,
}

export type TargetReference = ScopeValues & { source: Name | undefined; file: string | undefined }

export type TagTarget = {
  spec: ConnectionSpec
  /** Returns the effect of setting it, and changes nothing. */
  plan(next: ConnectionSpec): Promise<Printed>
  /** Succeeds only if nobody else changed it meanwhile. */
  set(next: ConnectionSpec): Promise<Printed>
}

export function openTarget({ source, file, ...place }: TargetReference, session: Session): Promise<TagTarget> {
  if ((source === undefined) === (file === undefined)) throw wrongUsage('give either --source or --file')
  return file === undefined ? atHub({ name: String(source), scope: scopeOf(place) }, session) : inFile(file)
}

async function atHub(where: { name: string; scope: ConnectionScope }, session: Session): Promise<TagTarget> {
  const hub = await session.hub()
  const { signal } = session
  const { source } = hub.client
  const { id } = await connectionNamed(hub, { kind: 'source', ...where }, session)
  const { connection, spec } = await source.get({ connection: id }, { signal })
  return {
    spec,
    async plan(next) {
      const plan = await source.plan({ ...where, spec: next }, { signal })
      return { json: plan, text: () => planText(where, plan) }
    },
    async set(next) {
      const context = { ifMatch: connectionTag(connection) }
      const set = await source.set({ ...where, spec: next }, { signal, context })
      return { json: set, text: () => setLine(set) }
    },
  }
}

/** Everything except the groups stays as it was written, with its comments. */
async function inFile(file: string): Promise<TagTarget> {
  const text = await readText(file)
  const { values, problems } = readYaml(text, { file, schema: Written, choice: { field: '', of: [] } })
  const [first, second] = values
  const found = problems.map(({ place, message }) => `${place}: ${message}`)
  if (found.length === 0 && (!first || second)) found.push(`${file}: it must have exactly one source`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  return {
    spec: first.value,
    plan: async () => ({ json: { file, isWritten: false }, text: () => `${file} stays as it is` }),
    async set(next) {
      const document = parseDocument(text)
      document.set('groups', document.createNode(next.groups))
      await overwrite(file, document.toString({ lineWidth: 140 }))
      return { json: { file, isWritten: true }, text: () => `written to ${file}` }
    },
  }
}

/** Follows a link to the file itself, and keeps its permissions. */
async function overwrite(file: string, text: string): Promise<void> {
  try {
    const path = await realpath(file)
    await writeAtomic(nodeFileSystem, path, text, (await stat(path)).mode & 0o777)
  } catch (cause) {
    const next = 'check the folder and its permissions'
    throw fail('file_unwritable', `cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      next,
    })
  }
}
