/** Discovery from the command line: what is found becomes the file of a source. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasModbus, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { expect, test } from 'vitest'
import { cli, openTestFolder } from '../stage/cli.ts'

test.skipIf(!hasModbus)('what is found at a host begins the file of a source that reads it', async () => {
  await using folder = await openTestFolder()
  await using peer = await startModbus()
  const find = ['source', 'discover', 'modbus', '--host', '127.0.0.1', '--port', String(peer.port)]
  const { code, out, err } = await cli([...find, '--numbers', '1-3', '--timeout', '60000'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/every unit +127\.0\.0\.1:\d+, unit 1 +likely/)
  const path = join(folder.path, 'found.yaml')
  const groups = '[{ name: all, everyMs: 1000, tags: [{ name: pressure, address: "holding:100", type: float32 }] }]'
  await writeFile(path, `name: found\n${out.slice(out.indexOf('# '))}\ngroups: ${groups}\n`)
  expect((await cli(['source', 'read', path])).out).toMatch(/pressure +3\.25 +- +good/)
  expect(await cli([...find, '--numbers', '1-300'])).toMatchObject({ code: 2 })
  expect(await cli(['source', 'discover', 'modbus'])).toMatchObject({ code: 2 })
  expect(await cli(['source', 'discover', 'snmp', '--host', 'a', '--numbers', '1'])).toMatchObject({ code: 2 })
  await peer.kill()
  expect(await cli([...find, '--json'])).toMatchObject({ code: 1 })
})
