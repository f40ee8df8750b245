/** Expected list: machines that are announced, as a list of comma-separated values says them. */
import { ExpectedDeviceSpec } from '@skerry/contract/devices/expected-device'
import { type CsvRow, csvRows } from '../values/csv-rows.ts'

const COLUMNS = ['serial', 'key', 'site', 'name', 'labels']

/** The machines; throws where a row is none, naming its line. `site` is where those stand whose row does not say. */
export const expectedList = (text: string, site: string | undefined): ExpectedDeviceSpec[] =>
  csvRows(text).map((row) => specOfRow(row, site))

function specOfRow({ line, values }: CsvRow, site: string | undefined): ExpectedDeviceSpec {
  const strange = Object.keys(values).find((name) => !COLUMNS.includes(name))
  if (strange !== undefined) throw new Error(`there is no column "${strange}"; they are ${COLUMNS.join(', ')}`)
  const labels = (values.labels ?? '').split(/[\s;]+/).filter(Boolean)
  const spec = ExpectedDeviceSpec.safeParse({
    site: values.site || site,
    labels: Object.fromEntries(labels.map((label) => pairOf(label, line))),
    ...(values.serial && { serial: values.serial }),
    ...(values.key && { keyFingerprint: values.key.toLowerCase() }),
    ...(values.name && { name: values.name }),
  })
  if (spec.success) return spec.data
  const [issue] = spec.error.issues
  throw new Error(`line ${line}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(' ')}`)
}

function pairOf(label: string, line: number): [string, string] {
  const [, key, value] = /^([^=]*)=(.*)$/.exec(label) ?? []
  if (key === undefined || value === undefined) throw new Error(`line ${line}: labels must look like key=value`)
  return [key, value]
}
