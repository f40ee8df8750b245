import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { expect, test } from 'vitest'
import { deployCommand } from './deploy-command.ts'
import { deploymentWords } from './deployment-words.ts'

const paced = DeploymentSpec.parse({
  name: 'press',
  deployable: 'anomaly',
  strategy: {
    waves: [
      { name: 'canary', limit: 1, pauseAfter: true, limits: [{ kind: 'timed-out', max: 2 }] },
      { approval: true, failuresMax: '5%', minExecuted: 20 },
    ],
    rate: { basePerMinute: 10, factor: 2, per: { succeeded: 50 }, maxPerMinute: 1_000 },
    budget: { groupBy: 'site.name', maxUnavailable: '20%' },
    retry: { max: 2, backoffSeconds: 60 },
  },
})

test('the words of a deployment describe its rate, budget, approvals and retries', async () => {
  await expect(`${deploymentWords(paced, 3)}\n`).toMatchFileSnapshot('snapshots/deployment-words-paced.txt')
})

test.each([
  [{ rate: { perMinute: 1 } }, 'The hub offers it to at most 1 device a minute.'],
  [
    { rate: { basePerMinute: 1, factor: 1.5, per: { notified: 1 } } },
    'It starts with 1 device a minute. The rate is multiplied by 1.5 each time that 1 more has got the offer, up to 100000.',
  ],
  [{ budget: { minAvailable: 3 } }, 'At any time, at least 3 of the devices are untouched or have passed probation.'],
  [{ retry: { max: 1 } }, 'A device that fails tries again once, first after 1 minute.'],
])('the words for %o are exact', (strategy, sentence) => {
  expect(deploymentWords(DeploymentSpec.parse({ name: 'press', deployable: 'anomaly', strategy }))).toContain(sentence)
})

test('a strategy that only a file can express has no command', () => {
  expect(deployCommand(paced)).toBeUndefined()
  const plain = DeploymentSpec.parse({ name: 'press', deployable: 'anomaly' })
  const { budget, rate, retry } = paced.strategy
  const sayable = DeploymentSpec.parse({ ...plain, strategy: { budget, rate, retry } })
  expect(deployCommand(sayable)).toBe(
    "skerry deploy anomaly --name press --rate '10 x2 per 50 proved up to 1000' --budget '20% per site.name' --retry 2",
  )
  // No option can remove these settings.
  expect(deployCommand(plain, sayable)).toBeUndefined()
})
