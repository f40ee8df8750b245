/**
 * Connected: whether a hub has a link to the device now, and since when. The health changes later, after reports have
 * been missing for a while.
 */
import type { DeviceLink } from '@skerry/contract/devices/device'
import { linkTexts as words } from '../../texts/english-links.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { Instant } from './instant.tsx'

/** A table has no room for the time, so it is in the tooltip there. */
export function Connected({ link, isPlain }: { link: DeviceLink; isPlain?: boolean }) {
  const { connected, sinceMs, ended } = link
  const word = connected ? words.connected : sinceMs === undefined ? words.neverConnected : words.unconnected
  const said = <span className={connected ? 'text-soft' : 'font-medium text-warn'}>{word}</span>
  return (
    <span>
      {ended === undefined ? said : <Tooltip text={words.ends[ended]}>{said}</Tooltip>}
      {!isPlain && sinceMs !== undefined && (
        <>
          {' '}
          <Instant ms={sinceMs} />
        </>
      )}
    </span>
  )
}
