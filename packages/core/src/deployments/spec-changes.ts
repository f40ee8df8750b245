/** Spec changes: what differs between two specs of a deployment, field by field, for people who must agree to it. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'

/** `before` or `after` is absent where the field is not there. */
export type SpecChange = { field: string; before: string | undefined; after: string | undefined }

/** In the order in which the fields stand; empty where both say the same. */
export function specChanges(before: DeploymentSpec, after: DeploymentSpec): SpecChange[] {
  const old = flat(before)
  const next = flat(after)
  const fields = new Set([...next.keys(), ...old.keys()])
  return [...fields]
    .map((field) => ({ field, before: old.get(field), after: next.get(field) }))
    .filter((change) => change.before !== change.after)
}

/** Each value under its path, such as `strategy.waves[0].limit`. */
function flat(spec: DeploymentSpec): Map<string, string> {
  const values = new Map<string, string>()
  const walk = (value: unknown, path: string) => {
    if (value === undefined) return
    if (typeof value !== 'object' || value === null) {
      values.set(path, String(value))
      return
    }
    if (Array.isArray(value)) value.forEach((one, index) => void walk(one, `${path}[${index}]`))
    else for (const [key, one] of Object.entries(value)) walk(one, path === '' ? key : `${path}.${key}`)
  }
  walk(spec, '')
  return values
}
