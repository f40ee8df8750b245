/** Device columns: what the table of devices shows of each. */
import type { Device } from '@skerry/contract/devices/device'
import { LabelTags } from '../../components/card.tsx'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { HealthBadge } from '../../components/facts/badge.tsx'
import { Connected } from '../../components/facts/connected.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { HEALTH_ORDER } from '../../components/facts/tones.ts'
import type { Column } from '../../components/rows/data-table.tsx'
import { texts } from '../../texts/english.ts'

const { columns } = texts.devices

/** A row holds so many labels in one line. */
const LABELS_SHOWN = 3

export const deviceColumns: readonly Column<Device>[] = [
  {
    id: 'health',
    header: columns.health,
    width: '7.5rem',
    sortValue: ({ health }) => (health === undefined ? HEALTH_ORDER.length : HEALTH_ORDER.indexOf(health)),
    cell: ({ health }) => <HealthBadge health={health} isPlain />,
  },
  {
    id: 'name',
    header: columns.name,
    width: 'minmax(11rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => <DeviceLink device={name} />,
  },
  {
    id: 'site',
    header: columns.site,
    width: 'minmax(8rem, 1.2fr)',
    sortValue: ({ site }) => site,
    cell: ({ site }) => <span className="text-soft">{site}</span>,
  },
  {
    id: 'labels',
    header: columns.labels,
    width: 'minmax(10rem, 2fr)',
    cell: ({ labels }) => <LabelTags labels={labels} max={LABELS_SHOWN} />,
  },
  {
    id: 'generation',
    header: columns.generation,
    width: '7rem',
    sortValue: ({ generation }) => generation,
    cell: ({ generation, observedGeneration }) =>
      generation === observedGeneration ? (
        <span className="text-soft tabular">{generation}</span>
      ) : (
        <Tooltip text={texts.devices.behind(observedGeneration, generation)}>
          <span className="font-medium text-busy">
            {observedGeneration} → {generation}
          </span>
        </Tooltip>
      ),
  },
  {
    id: 'agent',
    header: columns.agent,
    width: '5.5rem',
    sortValue: ({ agentVersion }) => agentVersion ?? '',
    cell: ({ agentVersion }) => <span className="text-soft tabular">{agentVersion ?? texts.common.unknown}</span>,
  },
  {
    id: 'connected',
    header: columns.connected,
    width: '7.5rem',
    sortValue: ({ link }) => Number(link.connected),
    cell: ({ link }) => <Connected link={link} isPlain />,
  },
  {
    id: 'seen',
    header: columns.seen,
    width: '7rem',
    isRight: true,
    sortValue: ({ lastSeenAtMs }) => -(lastSeenAtMs ?? 0),
    cell: ({ lastSeenAtMs }) => <Instant ms={lastSeenAtMs} className="text-soft" />,
  },
]
