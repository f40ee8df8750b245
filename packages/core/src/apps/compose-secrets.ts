/**
 * Compose secrets: the secrets that a service reads as files. A release has only their names: their values are secrets
 * of the organisation, the site or the device.
 */
import { type SecretName, SecretName as SecretNameSchema } from '@skerry/contract/secrets/secret'
import { checkFields } from './compose-fields.ts'
import { type Field, type Findings, listOf, mapOf, report, textOf } from './compose-findings.ts'

const EXTERNAL =
  'write external: true; set the value with "skerry secret set", because everybody who may read releases could read it here'

/** The names under `secrets` of the file. */
export function declaredSecrets(it: Findings, field: Field): Set<string> {
  const map = field.value === undefined ? {} : (mapOf(it, field) ?? {})
  for (const [name, value] of Object.entries(map)) {
    const path = [...field.path, name]
    const parsed = SecretNameSchema.safeParse(name)
    if (!parsed.success) report(it, path, 'value_invalid', `the name of a secret ${firstIssue(parsed.error)}`)
    const settings = mapOf(it, { value, path })
    if (!settings) continue
    checkFields(it, 'secret', settings, path)
    if (settings.external !== true) report(it, [...path, 'external'], 'value_invalid', EXTERNAL)
  }
  return new Set(Object.keys(map))
}

/** Both forms: a name, and a map with `source`. */
export function secretsOf(it: Findings, field: Field, declared: ReadonlySet<string>): SecretName[] | undefined {
  const names = listOf(it, field)?.flatMap((each) => secretName(it, each, declared) ?? [])
  return names && [...new Set(names)]
}

function secretName(it: Findings, field: Field, declared: ReadonlySet<string>): SecretName | undefined {
  const isMap = typeof field.value === 'object' && field.value !== null && !Array.isArray(field.value)
  const map = isMap ? mapOf(it, field) : undefined
  if (map) checkFields(it, 'secretMount', map, field.path)
  const place = map ? { value: map.source, path: [...field.path, 'source'] } : field
  const name = textOf(it, place)
  if (name === undefined || declared.has(name)) return name
  return report(it, place.path, 'reference_unknown', `there is no secret ${name}; declare it under secrets of the file`)
}

const firstIssue = ({ issues: [issue] }: { issues: { message: string }[] }) => issue?.message ?? 'is not valid'
