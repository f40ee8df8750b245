/**
 * Tour end: the way to a visible value. Without a device at the sample site nothing runs, so it states the command;
 * with one it leads to its values and its alarm.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Copyable } from '../../components/facts/copyable.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { tourTexts } from './english-tour.ts'
import { SAMPLE_SITE } from './sample-site.ts'

const words = tourTexts.ending

export function TourEnd() {
  // The key begins as that of the lists of devices, so that a device that joins appears here by itself.
  const { data } = useQuery({
    queryKey: ['devices', 'sample'],
    queryFn: ({ signal }) => hub.device.list({ limit: 1, filter: `site:${SAMPLE_SITE}` }, { signal }),
  })
  if (!data) return null
  const [device] = data.rows
  if (!device)
    return (
      <>
        <p className="text-sm text-soft">{words.none}</p>
        <Copyable value={texts.steps.device.command(SAMPLE_SITE)} what={tourTexts.command} />
      </>
    )
  return (
    <p className="text-sm" role="status">
      {words.runs(device.name)}{' '}
      <Link
        to="/devices/$device"
        params={{ device: device.name }}
        search={{ tab: 'values' }}
        className="font-medium text-accent hover:underline"
      >
        {words.see}
      </Link>
    </p>
  )
}
