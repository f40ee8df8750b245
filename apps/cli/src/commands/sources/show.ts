import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { TagName } from '@skerry/contract/sources/tag'
import { Name } from '@skerry/contract/values/names'
import { command, fits, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { countText } from '../../program/terminal/words.ts'
import type { OptionOf } from './connection-place.ts'
import { showConnection } from './connection-view.ts'
import { sourceLookText } from './source-look-view.ts'
import { SCOPE_OPTIONS, scopeOf } from './source-reference.ts'

export const showSource = command({
  name: 'source show',
  summary: 'Show a source at the hub: its author and time, and its file; or its state on a device',
  details:
    'With --device, the hub requests the state from that device: its connection with the number of losses, the rounds of each group, and the ' +
    'newest value of each tag with its statistics, for at most 1,000 tags; --tag names others.',
  examples: [
    'skerry source show press-7 --site rotterdam',
    'skerry source show press-7 --device gateway-7',
    'skerry source show press-7 --json | jq .spec > press-7.yaml',
  ],
  arguments: { name: required('<name>', 'name of the source', fits(Name)) },
  options: {
    scope: SCOPE_OPTIONS.scope,
    site: SCOPE_OPTIONS.site,
    device: value('--device <device>', 'its state on this device', fits(DeviceReference)),
    tags: list('--tag <name>', 'with --device, only this tag; may be repeated', fits(TagName)),
  },
  run({ name, device, tags, ...place }, session) {
    if (device !== undefined) return showThere({ device, source: name, tags }, session)
    if (tags.length > 0) throw wrongUsage('--tag is for --device')
    return showConnection('source', { name, scope: scopeOf(place), optionOf }, session)
  },
})

/** Here `--device` shows the state on the device, also of a source that the device has from its site. */
const optionOf: OptionOf = (scope) => {
  const [level, name] = scope.split(':')
  const file = `--scope ${scope}`
  return level === 'device' ? `--device ${name} for its state, ${file} for its file` : file
}

async function showThere(
  { tags, ...where }: { device: string; source: string; tags: string[] },
  session: Session,
): Promise<void> {
  const { client } = await session.hub()
  const look = await client.source.look({ ...where, ...(tags.length > 0 && { tags }) }, { signal: session.signal })
  session.print({ json: look, text: () => sourceLookText(look, session.style) })
  if (look.omittedCount > 0) session.note(`${countText(look.omittedCount, 'more tag')} not shown; name them with --tag`)
}
