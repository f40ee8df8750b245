import { USUAL_SUITE } from '@skerry/contract/checks/test-report'
import { ModelPattern } from '@skerry/contract/models/trust'
import { Name } from '@skerry/contract/values/names'
import { command, list } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { keyFinder } from '../signing-keys/signing-key-reference.ts'
import { keyNames } from '../trust/key-names.ts'

export const setTestRules = command({
  name: 'test-rule set',
  summary: 'Set the rules of tests: the signed test results that a rollout needs; replaces all rules',
  details:
    'A rule is PATTERN=KEY,KEY and, if needed, suite=NAME and within=DAYSd. The hub starts a rollout of a version only if the newest result of the suite that one of the keys signed has passed, and is not older. ' +
    'A rollback needs no result, serving versions continue, and devices know nothing of these rules. Without any rule, versions need no result.',
  examples: [
    "skerry test-rule set --rule 'press-*=ci' --yes",
    "skerry test-rule set --rule '*=ci,lab suite=safety within=30d' --yes",
  ],
  arguments: {},
  options: { rules: list('--rule <rule>', 'a rule such as press-*=ci suite=safety within=30d', parseRule), yes: YES },
  async run({ rules: wanted, yes }, session) {
    const hub = await session.hub()
    const find = await keyFinder(hub, session)
    const { revision } = await hub.client.testPolicy.get({}, { signal: session.signal })
    const rules = wanted.map(({ keys, ...rule }) => ({ ...rule, keys: keys.map((key) => find(key).keyId) }))
    await session.confirm(`replace the rules of tests by ${countText(rules.length, 'rule')}`, yes)
    const policy = await hub.client.testPolicy.set({ rules, ifRevision: revision }, { signal: session.signal })
    session.print({ json: policy, text: () => `${countText(policy.rules.length, 'rule')} of tests from now on` })
  },
})

export const listTestRules = command({
  name: 'test-rule ls',
  summary: 'Show the rules of tests: the signed test results that a rollout needs',
  examples: ['skerry test-rule ls'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const hub = await session.hub()
    const [policy, nameOf] = await Promise.all([
      hub.client.testPolicy.get({}, { signal: session.signal }),
      keyNames(hub, session.signal),
    ])
    session.print({
      json: policy,
      text: () =>
        tableOf(
          session.style,
          ['MODELS', 'SUITE', 'KEYS', 'NOT OLDER THAN'],
          policy.rules.map(({ models, suite, keys: ids, withinDays }) => [
            models,
            suite,
            ids.map(nameOf).join(', '),
            withinDays === undefined ? '' : countText(withinDays, 'day'),
          ]),
          'no rules: versions need no test result',
        ),
    })
  },
})

type ParsedRule = { models: string; suite: string; keys: string[]; withinDays?: number }

const MISTAKE = 'must be PATTERN=KEY,KEY, then suite=NAME and within=DAYSd if needed, such as press-*=ci within=30d'

function parseRule(text: string): ParsedRule {
  const [first = '', ...rest] = text.trim().split(/\s+/)
  const [models = '', names = ''] = first.split('=')
  const keys = names.split(',')
  const rule: ParsedRule = { models, suite: USUAL_SUITE, keys }
  for (const part of rest) {
    const [, word, given = ''] = /^(suite|within)=(.+)$/.exec(part) ?? []
    const days = /^([1-9]\d{0,3})d$/.exec(given)?.[1]
    if (word === 'suite' && Name.safeParse(given).success) rule.suite = given
    else if (word === 'within' && days !== undefined) rule.withinDays = Number(days)
    else throw new Error(MISTAKE)
  }
  if (!ModelPattern.safeParse(models).success || keys.includes('')) throw new Error(MISTAKE)
  return rule
}
