/**
 * Compose serves: the extension fields by which a service declares the models that it answers for, and the folder in
 * which its server finds the models of versions.
 */
import { type AppRepository, type AppServes, ContainerPath } from '@skerry/contract/apps/app'
import { checkFields } from './compose-fields.ts'
import { type Field, type Findings, flagOf, listOf, mapOf, report, textOf, wordOf } from './compose-findings.ts'
import { numberOf } from './compose-values.ts'

/** [Compose specification, extensions] Other programs ignore fields that begin with `x-`. */
export const SERVES_FIELD = 'x-skerry-serves'
export const REPOSITORY_FIELD = 'x-skerry-repository'

export const servesOf = (it: Findings, field: Field): AppServes[] | undefined =>
  listOf(it, field)?.flatMap((each) => servedModel(it, each) ?? [])

function servedModel(it: Findings, field: Field): AppServes | undefined {
  const map = mapOf(it, field)
  if (!map) return undefined
  checkFields(it, 'serves', map, field.path)
  const below = (key: string): Field => ({ value: map[key], path: [...field.path, key] })
  const given = (key: string) => map[key] !== undefined && map[key] !== null
  for (const key of ['model', 'port']) {
    if (!given(key)) report(it, field.path, 'value_invalid', `the ${key} is missing; write ${key}: ...`)
  }
  const model = given('model') ? textOf(it, below('model')) : undefined
  const port = given('port') ? numberOf(it, below('port')) : undefined
  const protocol = given('protocol') ? wordOf(it, below('protocol'), ['oip', 'openai']) : 'oip'
  const isBinary = given('binary') ? flagOf(it, below('binary')) : false
  if (model === undefined || port === undefined || !protocol) return undefined
  return { model, port, protocol, ...(isBinary && { isBinary }) }
}

export function repositoryOf(it: Findings, field: Field): AppRepository | undefined {
  const map = mapOf(it, field)
  if (!map) return undefined
  checkFields(it, 'repository', map, field.path)
  const below = (key: string): Field => ({ value: map[key], path: [...field.path, key] })
  const given = (key: string) => map[key] !== undefined && map[key] !== null
  for (const key of ['path', 'port']) {
    if (!given(key)) report(it, field.path, 'value_invalid', `the ${key} is missing; write ${key}: ...`)
  }
  const path = given('path') ? pathOf(it, below('path')) : undefined
  const port = given('port') ? numberOf(it, below('port')) : undefined
  const load = given('load') ? wordOf(it, below('load'), ['request', 'restart']) : 'request'
  const isBinary = given('binary') ? flagOf(it, below('binary')) : false
  if (path === undefined || port === undefined || !load) return undefined
  return { path, port, load, ...(isBinary && { isBinary }) }
}

function pathOf(it: Findings, field: Field): AppRepository['path'] | undefined {
  const path = ContainerPath.safeParse(textOf(it, field) ?? '')
  if (path.success) return path.data
  report(it, field.path, 'value_invalid', 'must be an absolute path without . and .. parts, such as /models')
  return undefined
}
