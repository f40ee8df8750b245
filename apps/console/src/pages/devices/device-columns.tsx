/** Device columns: the columns of the table of devices. */
import type { Device, DeviceModel } from '@skerry/contract/devices/device'
import { modelsText, modelText } from '@skerry/core/devices/model-words'
import { LabelTags } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { HealthBadge } from '../../components/facts/badge.tsx'
import { Connected } from '../../components/facts/connected.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { HEALTH_ORDER } from '../../components/facts/tones.ts'
import type { Column } from '../../components/rows/data-table.tsx'
import { texts } from '../../texts/english.ts'
import { devicesWords as words } from './english-devices.ts'

const { columns } = texts.devices

/** A row has room for this many labels in one line. */
const LABELS_SHOWN = 3

/** Columns with a rank disappear in a narrow table, those with the highest rank first. */
export const deviceColumns: readonly Column<Device>[] = [
  {
    id: 'health',
    header: columns.health,
    width: '7rem',
    sortValue: ({ health }) => (health === undefined ? HEALTH_ORDER.length : HEALTH_ORDER.indexOf(health)),
    cell: (device) => <HealthBadge device={device} isPlain />,
  },
  {
    id: 'name',
    header: columns.name,
    width: 'minmax(9rem, 1.6fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => <DeviceLink device={name} />,
  },
  {
    id: 'connected',
    header: columns.connected,
    width: '5rem',
    rank: 2,
    sortValue: ({ link }) => Number(link.connected),
    cell: ({ link, ddi }) =>
      ddi ? <span className="text-soft">{words.polls}</span> : <Connected link={link} isPlain />,
  },
  {
    id: 'site',
    header: columns.site,
    width: 'minmax(5.5rem, 1fr)',
    rank: 3,
    sortValue: ({ site }) => site,
    cell: ({ site }) => <span className="text-soft">{site}</span>,
  },
  {
    id: 'models',
    header: words.models,
    width: 'minmax(11.5rem, 2fr)',
    rank: 1,
    cell: (device) => <ModelsCell device={device} />,
  },
  {
    id: 'labels',
    header: columns.labels,
    width: 'minmax(6rem, 1.2fr)',
    rank: 6,
    cell: ({ labels }) => <LabelTags labels={labels} max={LABELS_SHOWN} />,
  },
  {
    id: 'agent',
    header: columns.agent,
    width: '4.5rem',
    rank: 5,
    sortValue: ({ agentVersion }) => agentVersion ?? '',
    cell: ({ agentVersion }) => <span className="text-soft tabular">{agentVersion ?? texts.common.unknown}</span>,
  },
  {
    id: 'processor',
    header: words.processor,
    width: 'minmax(7.5rem, 1.2fr)',
    rank: 7,
    sortValue: ({ machine }) => machine?.cpuModel ?? '',
    cell: ({ machine }) => <ProcessorCell machine={machine} />,
  },
  {
    id: 'memory',
    header: words.memory,
    width: '4.5rem',
    rank: 8,
    isRight: true,
    sortValue: ({ machine }) => machine?.memoryBytes ?? 0,
    cell: ({ machine }) => <span className="text-soft">{machine ? sizeText(machine.memoryBytes) : NONE}</span>,
  },
  {
    id: 'generation',
    header: columns.generation,
    width: '6.5rem',
    rank: 9,
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
    id: 'seen',
    header: columns.seen,
    width: '5.5rem',
    rank: 4,
    isRight: true,
    sortValue: ({ lastSeenAtMs }) => -(lastSeenAtMs ?? 0),
    cell: ({ lastSeenAtMs }) => <Instant ms={lastSeenAtMs} className="text-soft" />,
  },
]

const NONE = '–'

/** A failed version stands out, most of all if no other one serves. The tooltip has each listed model in words. */
function ModelsCell({ device: { models, modelCount, liveness } }: { device: Device }) {
  if (models === undefined || models.length === 0) return <span className="text-faint">{NONE}</span>
  const text = modelsText(models, modelCount ?? models.length, liveness)
  return (
    <Tooltip text={models.map((model) => modelText(model, liveness)).join(', ')}>
      <span className={lookOf(models)}>{text}</span>
    </Tooltip>
  )
}

function lookOf(models: readonly DeviceModel[]): string {
  const failed = models.filter(({ state }) => state === 'failed')
  if (failed.length === 0) return 'text-soft'
  return failed.every(({ serving }) => serving !== undefined) ? 'font-medium text-warn' : 'font-medium text-bad'
}

function ProcessorCell({ machine }: Pick<Device, 'machine'>) {
  if (machine === undefined) return <span className="text-faint">{NONE}</span>
  const { cpuModel, cpuCount, arch } = machine
  return (
    <Tooltip text={words.processorTitle(cpuModel, cpuCount, arch)}>
      <span className="text-soft">{`${cpuCount} × ${cpuModel}`}</span>
    </Tooltip>
  )
}
