/** Device: its state, its history, and the actions on it. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Tabs } from 'radix-ui'
import type { ReactNode } from 'react'
import { Page } from '../../components/card.tsx'
import { HealthBadge } from '../../components/facts/badge.tsx'
import { Connected } from '../../components/facts/connected.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { queries } from '../../hub/queries.ts'
import { DEVICE_TABS, type DeviceTab } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { AccessTab } from './access/access-tab.tsx'
import { ContainersTab } from './containers/containers-tab.tsx'
import { DeviceActions } from './device-actions.tsx'
import { deviceWords as words } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'
import { HistoryTab } from './history-tab.tsx'
import { EquipmentTab } from './items/equipment-tab.tsx'
import { SettingsTab } from './settings/settings-tab.tsx'
import { StateTab } from './state-tab.tsx'
import { ValuesTab } from './values/values-tab.tsx'

const back = { to: '/devices', text: devicePageTexts.back } as const

/** The page at /devices/NAME. The tab is in the address. */
export function DevicePage() {
  const { device: name } = useParams({ from: '/inside/devices/$device' })
  const { data, error, refetch } = useQuery(queries.device(name))
  if (data && !error) return <DeviceView device={data} />
  return (
    <Page title={name} back={back}>
      <WaitingCard error={error} retry={refetch} />
    </Page>
  )
}

function DeviceView({ device }: { device: DeviceDetail }) {
  return (
    <Page
      title={device.name}
      back={back}
      beside={<HealthBadge device={device} />}
      lead={
        <>
          <span>{devicePageTexts.at(device.site)}</span>
          <span aria-hidden>·</span>
          {device.ddi ? <span>{devicePageTexts.polls}</span> : <Connected link={device.link} />}
          <span aria-hidden>·</span>
          <span>
            {texts.devices.columns.seen} <Instant ms={device.lastSeenAtMs} />
          </span>
          <span aria-hidden>·</span>
          <Copyable value={device.id} what={devicePageTexts.id} />
        </>
      }
      actions={<DeviceActions device={device} />}
    >
      <DeviceTabs device={device} />
    </Page>
  )
}

const CONTENT: Readonly<Record<DeviceTab, (props: { device: DeviceDetail }) => ReactNode>> = {
  state: StateTab,
  equipment: EquipmentTab,
  containers: ContainersTab,
  values: ValuesTab,
  history: HistoryTab,
  access: AccessTab,
  settings: SettingsTab,
}

/** On a phone the row of tabs is wider than the screen, and an address may open the last one. */
const bringIntoSight = (tab: HTMLElement | null) => tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' })

function DeviceTabs({ device }: { device: DeviceDetail }) {
  const { tab = 'state' } = useSearch({ from: '/inside/devices/$device' })
  const navigate = useNavigate({ from: '/devices/$device' })
  const open = (next: string) => {
    const found = DEVICE_TABS.find((each) => each === next && each !== 'state')
    void navigate({ search: found === undefined ? {} : { tab: found } })
  }
  return (
    <Tabs.Root value={tab} onValueChange={open}>
      <Tabs.List
        aria-label={words.tabsLabel}
        className="mb-4 flex gap-1 overflow-x-auto overflow-y-hidden border-b border-line"
      >
        {DEVICE_TABS.map((each) => (
          <Tabs.Trigger
            key={each}
            ref={each === tab ? bringIntoSight : undefined}
            value={each}
            className="-mb-px border-b-2 border-transparent px-3 py-2 text-sm font-medium whitespace-nowrap text-soft max-sm:px-1.5 max-sm:text-xs hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
          >
            {words.tabs[each]}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {DEVICE_TABS.map((each) => {
        const Content = CONTENT[each]
        return (
          <Tabs.Content key={each} value={each}>
            <Content device={device} />
          </Tabs.Content>
        )
      })}
    </Tabs.Root>
  )
}
