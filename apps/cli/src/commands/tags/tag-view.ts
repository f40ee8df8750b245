/** Tag view: what a tag's value looks like to a person. */
import type { Source } from '@skerry/contract/sources/source'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'

/** Binary fractions show beyond it: 0.1 times 3 is 0.30000000000000004. */
const DIGITS = 12

/** Of an array only the beginning is shown. */
const ITEMS_SHOWN = 8

/** Without its unit. */
export function contentText(content: TagContent): string {
  if (!Array.isArray(content))
    return typeof content === 'number' ? String(Number(content.toPrecision(DIGITS))) : String(content)
  const shown = content.slice(0, ITEMS_SHOWN).map(contentText).join(', ')
  return content.length > ITEMS_SHOWN ? `[${shown}, … ${content.length}]` : `[${shown}]`
}

/** Quality and value are told apart: a bad tag has no value. */
export function valueRow(value: TagValue, units: ReadonlyMap<string, string>): string[] {
  const content = value.quality === 'bad' ? '' : contentText(value.value)
  const unit = value.quality === 'bad' ? '' : (units.get(value.tag) ?? '')
  return [value.tag, content, unit, value.quality, 'cause' in value ? value.cause.message : '']
}

/** The unit of each tag that has one. */
export function unitsOf({ groups }: Source): ReadonlyMap<string, string> {
  return new Map(
    groups.flatMap(({ tags }) => tags.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit]]))),
  )
}
