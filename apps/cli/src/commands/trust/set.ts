/** `skerry trust set` */
import { ModelPattern, type TrustRule } from '@skerry/contract/models/trust'
import { command, list } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'
import { keyFinder } from '../signing-keys/signing-key-reference.ts'

export const setTrust = command({
  name: 'trust set',
  summary: 'Set the rules of trust: the signatures that models need; replaces all rules',
  details:
    "A rule is PATTERN=KEY,KEY,... and, if one signature is not enough, xN for the number of keys that must sign. A model must fulfil every rule that matches its name, at the push, at the deployment, and on each device. The hub's own signature is always needed, too. Serving versions continue. Without any rule, the hub's own signature is enough.",
  examples: ["skerry trust set --rule 'press-*=vendor' --yes", "skerry trust set --rule '*=vendor,quality x2' --yes"],
  arguments: {},
  options: { rules: list('--rule <rule>', 'a rule such as press-*=vendor,quality x2', parseRule), yes: YES },
  async run({ rules: wanted, yes }, session) {
    const hub = await session.hub()
    const find = await keyFinder(hub, session)
    const { revision } = await hub.client.trust.get({}, { signal: session.signal })
    const rules = wanted.map(({ keys, ...rule }): TrustRule => ({ ...rule, keys: keys.map((key) => find(key).keyId) }))
    await session.confirm(`replace the rules of trust by ${countText(rules.length, 'rule')}`, yes)
    const policy = await hub.client.trust.set({ rules, ifRevision: revision }, { signal: session.signal })
    session.print({ json: policy, text: () => `${countText(policy.rules.length, 'rule')} of trust from now on` })
  },
})

function parseRule(text: string): { models: string; keys: string[]; signatures: number } {
  const [, models = '', names = '', count = '1'] = /^([^=\s]+)\s*=\s*([^=]+?)(?:\s+x(\d))?$/.exec(text.trim()) ?? []
  const keys = names.split(',').map((name) => name.trim())
  if (!ModelPattern.safeParse(models).success || keys.includes('') || Number(count) < 1) {
    throw new Error('must be PATTERN=KEY,KEY or PATTERN=KEY,KEY xN, such as press-*=vendor')
  }
  return { models, keys, signatures: Number(count) }
}
