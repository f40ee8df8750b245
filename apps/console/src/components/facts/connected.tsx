/**
 * Connected: whether a hub has a link to the device now, and since when. The health changes later, after reports have
 * been missing for a while.
 */
import type { DeviceLink } from '@skerry/contract/devices/device'
import { linkTexts as words } from '../../texts/english-links.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { Instant } from './instant.tsx'

/** A table has a column for it: a short word under its header, and no room for the time. */
export function Connected({ link, isPlain }: { link: DeviceLink; isPlain?: boolean }) {
  const { connected, sinceMs, ended } = link
  const [yes, no, never] = isPlain ? words.short : words.long
  const word = connected ? yes : sinceMs === undefined ? never : no
  const said = <span className={connected ? 'text-soft' : 'font-medium text-warn'}>{word}</span>
  return (
    <span>
      {ended === undefined ? said : <Tooltip text={words.ends[ended]}>{said}</Tooltip>}
      {!isPlain && sinceMs !== undefined && (
        <>
          {' '}
          {words.since} <Instant ms={sinceMs} isAbsolute />
        </>
      )}
    </span>
  )
}
