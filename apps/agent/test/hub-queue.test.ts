/**
 * The queue for the hub, which cannot be opened: the device goes on, and says so.
 * @module-tag deep Five ends with growing pauses take 10 s; src/connections/connection-conditions.test.ts tells the condition.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'

/** Five ends with growing pauses between them, and the start of a thread before each. */
const ENDED_MS = 150_000

test('a queue for the hub that ends again and again is a condition of the device', async () => {
  const data = await temporaryFolder()
  await writeFile(join(data, 'hub-queue'), 'no folder')
  await using hub = await startFakeHub()
  await using _agent = startAgent(data, '--join', hub.token)
  const isSaid = ({ code }: { code: string }) => code === 'hub_queue_quarantined'
  const { conditions } = await hub.reported('what ended', (report) => report.conditions.some(isSaid), ENDED_MS)
  expect(conditions.find(isSaid)?.message).toContain('hub-queue')
}, 180_000)
