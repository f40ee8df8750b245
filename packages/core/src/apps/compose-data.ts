/** Compose data: the extension field by which a service names the data of the device that it reads. */
import { Name } from '@skerry/contract/values/names'
import { type Field, type Findings, listOf, report, textOf } from './compose-findings.ts'

export const DATA_FIELD = 'x-skerry-data'

export function dataOf(it: Findings, field: Field): Name[] | undefined {
  const names = listOf(it, field)?.flatMap((each) => {
    const name = Name.safeParse(textOf(it, each) ?? '')
    if (name.success) return [name.data]
    return report(it, each.path, 'value_invalid', 'must be the name of data, such as limits') ?? []
  })
  return names && [...new Set(names)]
}
