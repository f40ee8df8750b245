/** Trust rules: whether those who signed a version are those who must, by the organisation's rules. */
import type { TrustRule } from '@skerry/contract/models/trust'

/** The first rule that is not met, in words; undefined where all are. */
export function unmetRule(
  rules: readonly TrustRule[],
  model: string,
  signers: ReadonlySet<string>,
): string | undefined {
  for (const { models, keys, signatures } of rules) {
    if (!fitsPattern(models, model)) continue
    const count = new Set(keys.filter((key) => signers.has(key))).size
    if (count < signatures) {
      const wanted = `${signatures} of ${keys.length} ${keys.length === 1 ? 'key' : 'keys'} must sign models ${models}`
      return `${wanted} (${keys.map((key) => key.slice(0, 12)).join(', ')}), and ${count === 0 ? 'none' : `only ${count}`} did`
    }
  }
  return undefined
}

/** `*` stands for any characters, also none. Walked without a regular expression: nothing that people write can make it slow. */
export function fitsPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return pattern === name
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false
  const end = name.length - last.length
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
