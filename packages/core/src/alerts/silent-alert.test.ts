import { expect, test } from 'vitest'
import { NO_FACTS, type SiteGroup } from './alert-facts.ts'
import { alertsOf } from './alerts.ts'

const at = (site: string, count: number): SiteGroup => ({ site, count, device: 'press-1' })

test('a device whose agent was stopped in order is no matter of power and network', () => {
  const first = (...stale: SiteGroup[]) => alertsOf({ ...NO_FACTS, stale }, 0).alerts[0]
  const one = first({ ...at('oslo', 1), stopped: 1 })
  expect(one?.message).toBe('press-1 at oslo is silent: its agent was stopped')
  expect(one?.action).toBe(
    'Start the agent again: `skerry agent` with the options of its start but --join, or the service of the device',
  )
  expect(first({ ...at('oslo', 3), stopped: 3 })?.message).toBe(
    '3 devices at oslo are silent: their agents were stopped',
  )
  const some = first({ ...at('oslo', 3), stopped: 2 })
  expect(some?.message).toBe('3 devices at oslo are silent: the agents of 2 were stopped')
  expect(some?.action).toContain('For the others: check power and network')
  const none = first({ ...at('oslo', 2), stopped: 0 })
  expect(none?.message).toBe('2 devices at oslo are silent')
  expect(none?.action).toMatch(
    /^Check power and network of the site\. .* `skerry device show press-1` has its last report/,
  )
  const fleet = first(...['a', 'b', 'c', 'd'].map((site) => ({ ...at(site, 1), stopped: 1 })))
  expect(fleet?.message).toBe('4 devices at 4 sites are silent: their agents were stopped')
})
