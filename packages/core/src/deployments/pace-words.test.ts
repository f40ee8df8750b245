import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { expect, test } from 'vitest'
import { deployCommand } from './deploy-command.ts'
import { deploymentWords } from './deployment-words.ts'

const paced = DeploymentSpec.parse({
  name: 'press',
  model: 'anomaly',
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

test('a person hears how quickly it goes out, what waits for them, and how often a device tries', async () => {
  await expect(`${deploymentWords(paced, 3)}\n`).toMatchFileSnapshot('golden/deployment-words-paced.txt')
})

test.each([
  [{ rate: { perMinute: 1 } }, 'No more than 1 device a minute are offered it.'],
  [
    { rate: { basePerMinute: 1, factor: 1.5, per: { notified: 1 } } },
    'It begins with 1 device a minute; that is multiplied by 1.5 each time that 1 more has been offered it, up to 100000.',
  ],
  [{ budget: { minAvailable: 3 } }, 'Of the devices, at least 3 are left alone or have proved it at any time.'],
  [{ retry: { max: 1 } }, 'A device that fails is asked again once, first after 1 minute.'],
])('%o is said as it is', (strategy, sentence) => {
  expect(deploymentWords(DeploymentSpec.parse({ name: 'press', model: 'anomaly', strategy }))).toContain(sentence)
})

test('no command line says what only a file can', () => {
  expect(deployCommand(paced)).toBeUndefined()
  const plain = DeploymentSpec.parse({ name: 'press', model: 'anomaly' })
  const { budget, rate, retry } = paced.strategy
  const sayable = DeploymentSpec.parse({ ...plain, strategy: { budget, rate, retry } })
  expect(deployCommand(sayable)).toBe(
    "skerry deploy anomaly --name press --rate '10 x2 per 50 proved up to 1000' --budget '20% per site.name' --retry 2",
  )
  // An option cannot take away what is there.
  expect(deployCommand(plain, sayable)).toBeUndefined()
})
