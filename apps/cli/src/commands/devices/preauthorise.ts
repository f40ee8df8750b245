/** `skerry device preauthorise` */
import { EXPECTED_AT_ONCE_MAX, type ExpectedDevice, ExpectedDeviceSpec } from '@skerry/contract/devices/expected-device'
import { KeyFingerprint, SerialNumber } from '@skerry/contract/joining/join'
import { Name } from '@skerry/contract/values/names'
import { expectedList } from '@skerry/core/joining/expected-list'
import { asIs, command, fits, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { parseLabel } from '../../program/values.ts'

export const preauthoriseDevices = command({
  name: 'device preauthorise',
  summary: 'Add expected devices by serial number or key; they join without approval',
  details:
    'The first device that claims the serial number is accepted; a key is proved. A list (CSV) has the columns serial, key, site, name and labels, the last as "line=4 hall=2".',
  examples: [
    'skerry device preauthorise --serial SN-4711 --site rotterdam --name press-4 --label line=4',
    'skerry device preauthorise --file machines.csv',
  ],
  arguments: {},
  options: {
    serial: value('--serial <text>', 'serial number of the machine', fits(SerialNumber)),
    key: value(
      '--key <fingerprint>',
      'fingerprint of its key, as "skerry agent --show-key" prints it',
      fits(KeyFingerprint),
    ),
    site: value('--site <name>', 'site of the device', fits(Name)),
    name: value('--name <name>', 'name of the device; by default, the name that it requests', fits(Name)),
    labels: list('--label <key=value>', 'label of the device', parseLabel),
    file: value('--file <path>', 'a list of devices (CSV)', asIs),
  },
  async run({ file, ...one }, session) {
    const specs = file === undefined ? [specOfOptions(one)] : await specsOfFile(file, one.site)
    const { client } = await session.hub()
    const added: ExpectedDevice[] = []
    for (let from = 0; from < specs.length; from += EXPECTED_AT_ONCE_MAX) {
      const devices = specs.slice(from, from + EXPECTED_AT_ONCE_MAX)
      added.push(...(await client.expected.add({ devices }, { signal: session.signal })).devices)
    }
    session.print({ json: added, text: () => `${added.length} expected` })
  },
})

type Options = {
  serial: string | undefined
  key: string | undefined
  site: string | undefined
  name: string | undefined
  labels: (readonly [string, string])[]
}

function specOfOptions({ serial, key, site, name, labels }: Options): ExpectedDeviceSpec {
  if (site === undefined) throw wrongUsage('--site is missing')
  const spec = ExpectedDeviceSpec.safeParse({
    site,
    labels: Object.fromEntries(labels),
    ...(serial !== undefined && { serial }),
    ...(key !== undefined && { keyFingerprint: key }),
    ...(name !== undefined && { name }),
  })
  if (spec.success) return spec.data
  throw wrongUsage('give --serial, --key, or both; or a list with --file')
}

async function specsOfFile(path: string, site: string | undefined): Promise<ExpectedDeviceSpec[]> {
  const text = await readText(path)
  try {
    return expectedList(text, site)
  } catch (error) {
    throw wrongUsage(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
