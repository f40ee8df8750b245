/**
 * Whole setup: leaves a worker as a test file across processes found it. Vitest runs it before each file. It removes leftovers, and takes the
 * environment back: libraries change it too, and OPC UA's sets the configuration of every later openssl.
 */
import { removeLeftovers } from '@skerry/testkit/leftovers'
import { afterAll } from 'vitest'

const environment = { ...process.env }

afterAll(async () => {
  await removeLeftovers()
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
})
