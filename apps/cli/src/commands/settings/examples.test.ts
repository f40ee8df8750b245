import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { DeviceSettings } from '@skerry/contract/settings/device-settings'
import { unitedSettings } from '@skerry/core/settings/layered-settings'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../../../../examples/settings')

const read = async (file: string) => {
  const { values, problems } = readYaml(await readFile(join(FOLDER, file), 'utf8'), { file, schema: DeviceSettings })
  expect(problems, file).toEqual([])
  return values.map(({ value }) => value)
}

test('each example is the settings of one place', async () => {
  for (const file of await readdir(FOLDER)) expect(await read(file), file).toHaveLength(1)
})

test('the device of the examples has the connections of its site, too', async () => {
  const [[site = {}], [device = {}]] = [await read('site.yaml'), await read('device.yaml')]
  const { settings } = unitedSettings([
    { scope: 'site:hamburg', settings: site },
    { scope: 'device:press-4', settings: device },
  ])
  expect(settings.network?.map(({ name }) => name)).toEqual(['backup', 'line', 'uplink'])
  expect(settings).toMatchObject({ hostName: 'press-4', timeZone: 'Europe/Berlin' })
})
