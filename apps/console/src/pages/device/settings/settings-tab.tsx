/** Settings tab: the settings that count on the device with their places, its facts, and its network checks. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { SettingsOnDevice } from '@skerry/contract/settings/device-settings'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { SlidersHorizontal } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Copyable } from '../../../components/facts/copyable.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { agentsTexts } from '../../settings/agents/english-agents.ts'
import { deviceSettingsTexts as words } from './english-device-settings.ts'
import { PlacesCard } from './places-card.tsx'

const settingsOf = (device: string) =>
  queryOptions({
    queryKey: ['devices', device, 'settings'],
    queryFn: ({ signal }) => hub.settings.ofDevice({ device }, { signal }),
  })

export function SettingsTab({ device }: { device: DeviceDetail }) {
  const { data, error, refetch } = useQuery(settingsOf(device.name))
  if (error)
    return (
      <Card>
        <Failure error={error} onRetry={() => void refetch()} />
      </Card>
    )
  if (!data)
    return (
      <Card>
        <Loading rows={4} />
      </Card>
    )
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <OriginsCard found={data} />
      <PlacesCard device={device} />
      {data.system && <SystemCard system={data.system} />}
      {data.facts.length > 0 && <FactsCard facts={data.facts} />}
      {data.checks.length > 0 && <ChecksCard checks={data.checks} />}
    </div>
  )
}

function OriginsCard({ found: { device, origins, state } }: { found: SettingsOnDevice }) {
  if (origins.length === 0)
    return (
      <Card>
        <Empty
          icon={SlidersHorizontal}
          title={words.none}
          hint={words.noneHint}
          action={<Copyable value={words.example(device)} what={words.command} isWhole />}
        />
      </Card>
    )
  return (
    <Card title={words.title} isFlush>
      <p className="px-4 pt-3 pb-2.5 text-sm text-soft">
        {words.hint} <span className={state === 'behind' ? 'text-warn' : undefined}>{words.states[state]}</span>
      </p>
      <PlainTable
        label={words.title}
        headers={Object.values(words.columns)}
        rows={origins.map(({ setting, value, scope, overriddenBy }) => ({
          key: setting,
          cells: [
            agentsTexts.labelOf(setting),
            agentsTexts.valueOf(setting, value),
            agentsTexts.place(scope),
            overriddenBy === undefined ? (
              <span key="drift" className="text-soft">
                {words.asSet[state]}
              </span>
            ) : (
              <span key="drift" className="text-warn">
                {words.overridden(overriddenBy)}
              </span>
            ),
          ],
        }))}
      />
    </Card>
  )
}

const SystemCard = ({ system }: { system: NonNullable<SettingsOnDevice['system']> }) => (
  <Card title={words.system.title} isFlush>
    <p className="px-4 pt-3 pb-2.5 text-sm text-soft">{words.system.hint}</p>
    <PlainTable
      label={words.system.title}
      headers={Object.values(words.system.columns)}
      rows={system.map(({ setting, state, problem, atMs }) => ({
        key: setting,
        cells: [
          setting === 'network' ? words.system.network : agentsTexts.labelOf(setting),
          <span key="state" className={state === 'applied' || state === 'trying' ? undefined : 'text-warn'}>
            {words.system.states[state]}
          </span>,
          problem ?? '',
          <Instant key="at" ms={atMs} />,
        ],
      }))}
    />
  </Card>
)

const FactsCard = ({ facts }: Pick<SettingsOnDevice, 'facts'>) => (
  <Card title={words.facts.title} isFlush>
    <p className="px-4 pt-3 pb-2.5 text-sm text-soft">{words.facts.hint}</p>
    <PlainTable
      label={words.facts.title}
      headers={Object.values(words.facts.columns)}
      rows={facts.map(({ name, value, problem, atMs }) => ({
        key: name,
        cells: [name, value ?? problem ?? '', <Instant key="at" ms={atMs} />],
      }))}
    />
  </Card>
)

const ChecksCard = ({ checks }: Pick<SettingsOnDevice, 'checks'>) => (
  <Card title={words.checks.title} isFlush>
    <PlainTable
      label={words.checks.title}
      headers={Object.values(words.checks.columns)}
      rows={checks.map(({ target, milliseconds, problem, atMs }) => ({
        key: target,
        cells: [
          target,
          milliseconds === undefined ? (problem ?? '') : words.checks.reached(milliseconds),
          <Instant key="at" ms={atMs} />,
        ],
      }))}
    />
  </Card>
)
